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
