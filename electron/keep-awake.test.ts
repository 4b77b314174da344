import { expect, test } from 'vitest'
import { createKeepAwake } from './keep-awake.ts'

test('one blocker at a time, as long as it is needed', () => {
  const calls: string[] = []
  let id = 0
  const keepAwake = createKeepAwake({
    start: (type) => {
      calls.push(`${type} ${id}`)
      return id++
    },
    stop: (stopped) => calls.push(`stop ${stopped}`) > 0,
  })
  for (const isNeeded of [false, true, true, false, false, true]) keepAwake(isNeeded)
  // The first id is 0, which is an id like any other.
  expect(calls).toEqual(['prevent-app-suspension 0', 'stop 0', 'prevent-app-suspension 1'])
})
