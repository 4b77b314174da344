import { expect, test } from 'vitest'
import { addDevice, newHub } from '../testing/new-hub.ts'
import { toJsonObject } from './json.ts'

const seen = (hub: ReturnType<typeof newHub>) =>
  [...hub.queryView.rows()].map(({ record }) => [record.deviceId, record.twin.reported.value])

test('without a lag a query sees a change at once', () => {
  const hub = newHub()
  addDevice(hub, 'a')
  addDevice(hub, 'b')
  hub.twins.report('a', toJsonObject({ n: 1 }))
  hub.registry.delete('b', '*')
  expect(seen(hub)).toEqual([['a', { n: 1 }]])
})

test('a device that changes all the time takes no more memory than a lag of changes, although nobody asks', () => {
  const hub = newHub(1000)
  addDevice(hub, 'a')
  for (let n = 1; n <= 100_000; n += 1) {
    hub.twins.report('a', toJsonObject({ n }))
    hub.clock.advance(1)
  }
  expect(hub.queryView.pendingCount).toBeLessThanOrEqual(51)
  const n = (seen(hub)[0]?.[1] as { n: number }).n
  // What is seen is as old as the lag, and little older.
  expect(n).toBeGreaterThanOrEqual(98_970)
  expect(n).toBeLessThanOrEqual(99_001)
})

test('rows stay in the order of creation, whatever becomes visible first', () => {
  const hub = newHub(1000)
  addDevice(hub, 'a')
  addDevice(hub, 'b')
  hub.clock.advance(10)
  hub.twins.report('a', toJsonObject({ n: 1 }))
  hub.clock.advance(995)
  addDevice(hub, 'c')
  hub.clock.advance(2000)
  expect(seen(hub).map(([deviceId]) => deviceId)).toEqual(['a', 'b', 'c'])
})

test('with a lag a query sees the world as it was, also what is deleted', () => {
  const hub = newHub(1000)
  addDevice(hub, 'a')
  addDevice(hub, 'b')
  expect(seen(hub)).toEqual([])
  hub.clock.advance(1000)
  hub.twins.report('a', toJsonObject({ n: 1 }))
  hub.registry.delete('b', '*')
  expect(seen(hub)).toEqual([
    ['a', {}],
    ['b', {}],
  ])
  hub.clock.advance(999)
  expect(seen(hub)).toHaveLength(2)
  hub.clock.advance(1)
  expect(seen(hub)).toEqual([['a', { n: 1 }]])
})
