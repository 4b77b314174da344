import { expect, test } from 'vitest'
import {
  cloudToDeviceQos,
  parseSubscriptions,
  withSubscriptions,
  withoutSubscriptions,
} from './subscriptions.ts'

const device = { deviceId: 'd', moduleId: undefined }
const methods = { topic: '$iothub/methods/POST/#', qos: 0 } as const
const messages = { topic: 'devices/d/messages/devicebound/#', qos: 1 } as const

test('documented filters are subscriptions, in their order', () => {
  expect(parseSubscriptions([messages, methods], device)).toEqual(['cloudToDevice', 'methods'])
})

test.each([
  ['none', []],
  ['one of another device', [methods, { ...messages, topic: 'devices/e/messages/devicebound/#' }]],
  ['more than there are', Array.from({ length: 6 }, () => methods)],
])('a list with %s is refused as a whole', (_what, filters) => {
  expect(parseSubscriptions(filters, device)).toBeUndefined()
})

test('a subscription to messages has one QoS, the last that was asked for', () => {
  const none = new Set<never>()
  expect(cloudToDeviceQos(none)).toBeUndefined()
  const acknowledged = withSubscriptions(none, ['cloudToDevice'])
  expect(cloudToDeviceQos(acknowledged)).toBe(1)
  const quick = withSubscriptions(acknowledged, ['methods', 'cloudToDeviceQos0'])
  expect([...quick]).toEqual(['methods', 'cloudToDeviceQos0'])
  expect(cloudToDeviceQos(quick)).toBe(0)
  expect([...withoutSubscriptions(quick, ['cloudToDevice'])]).toEqual(['methods'])
  // What was granted earlier is not changed behind the back of whoever holds it.
  expect([...acknowledged]).toEqual(['cloudToDevice'])
})
