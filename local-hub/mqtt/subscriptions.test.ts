import { expect, test } from 'vitest'
import { addSubscription, cloudToDeviceQos, parseSubscriptions, removeSubscription } from './subscriptions.ts'
import type { Subscription } from './topics.ts'

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
  const subscriptions = new Set<Subscription>()
  expect(cloudToDeviceQos(subscriptions)).toBeUndefined()
  addSubscription(subscriptions, 'cloudToDevice')
  expect(cloudToDeviceQos(subscriptions)).toBe(1)
  addSubscription(subscriptions, 'cloudToDeviceQos0')
  expect(cloudToDeviceQos(subscriptions)).toBe(0)
  removeSubscription(subscriptions, 'cloudToDevice')
  expect(subscriptions.size).toBe(0)
})
