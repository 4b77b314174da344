import { describe, expect, test } from 'vitest'
import { deviceOfMessageAddress, parseLinkAddress } from './link-address.ts'

describe('parseLinkAddress', () => {
  test.each([
    ['$cbs', { kind: 'claims' }],
    ['$management', { kind: 'eventsManagement' }],
    ['/messages/devicebound', { kind: 'cloudToDevice' }],
    ['/messages/deviceBound', { kind: 'cloudToDevice' }],
    ['/messages/serviceBound/feedback', { kind: 'feedback' }],
    ['/messages/serviceBound/filenotifications', { kind: 'fileNotifications' }],
    ['amqps://hub.example/messages/events/$management', { kind: 'eventsRedirect' }],
    ['messages/events', { kind: 'eventsRedirect' }],
    ['/devices/d/messages/events', { kind: 'telemetry', identity: { deviceId: 'd' } }],
    [
      '/devices/d/modules/m/messages/events',
      { kind: 'telemetry', identity: { deviceId: 'd', moduleId: 'm' } },
    ],
    ['/devices/a%3Db/messages/devicebound', { kind: 'deviceBound', identity: { deviceId: 'a=b' } }],
    ['/devices/a%b/twin', { kind: 'twin', identity: { deviceId: 'a%b' } }],
    ['/devices/d/methods/devicebound', { kind: 'methods', identity: { deviceId: 'd' } }],
    [
      'hub/ConsumerGroups/$Default/Partitions/3',
      { kind: 'eventsPartition', partition: { entity: 'hub', consumerGroup: '$Default', partitionId: '3' } },
    ],
  ])('%s', (address, node) => {
    expect(parseLinkAddress(address)).toMatchObject(node)
  })

  test.each([
    '',
    '/',
    'messages',
    '/messages/eventsx',
    '/devices/d',
    '/devices//twin',
    '/devices/d/messages',
    '/devices/d/modules/m/elsewhere',
    'hub/ConsumerGroups/$Default',
    'hub/ConsumerGroups//Partitions/0',
  ])('%j is no address of a hub', (address) => {
    expect(parseLinkAddress(address)).toBeUndefined()
  })
})

test.each([
  ['/devices/d/messages/devicebound', 'd'],
  ['/devices/d/messages/deviceBound', 'd'],
  ['/devices/a%20b/messages/devicebound', 'a b'],
  ['/devices/d/modules/m/messages/devicebound', undefined],
  ['/devices/d/messages/events', undefined],
  ['d', undefined],
])('a message to %s is for the device %s', (address, deviceId) => {
  expect(deviceOfMessageAddress(address)).toBe(deviceId)
})
