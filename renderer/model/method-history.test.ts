import { expect, test } from 'vitest'
import { noon } from '../testing/values.ts'
import { readHistory, remember, type UsedMethod } from './method-history.ts'

function used(methodName: string, payload = ''): UsedMethod {
  return { methodName, payload, usedAt: noon }
}

test('the newest comes first', () => {
  expect(remember([used('a')], used('b'))).toEqual([used('b'), used('a')])
})

test('the same name and payload is kept once, and moves to the front', () => {
  const history = [used('a'), used('b'), used('a', '1')]
  expect(remember(history, used('a', '1'))).toEqual([used('a', '1'), used('a'), used('b')])
})

test('the twenty newest are kept', () => {
  let history: readonly UsedMethod[] = []
  for (let index = 0; index < 30; index++) history = remember(history, used(`m${index}`))
  expect(history).toHaveLength(20)
  expect(history[0]?.methodName).toBe('m29')
  expect(history.at(-1)?.methodName).toBe('m10')
})

test('what is damaged in the storage is left out', () => {
  expect(readHistory([used('a'), null, 7, { methodName: 'b' }, { ...used('c'), payload: 1 }])).toEqual([
    used('a'),
  ])
  expect(readHistory('no list')).toBeUndefined()
  expect(readHistory(null)).toBeUndefined()
})
