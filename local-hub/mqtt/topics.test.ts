import { expect, test } from 'vitest'
import {
  desiredTopic,
  methodTopic,
  parsePublishTopic,
  parseSubscription,
  twinResponseTopic,
} from './topics.ts'

test.each([
  ['devices/d/messages/events/', { kind: 'telemetry', bag: { system: {}, properties: {} } }],
  ['devices/d/messages/events', { kind: 'telemetry', bag: { system: {}, properties: {} } }],
  [
    'devices/d/messages/events/%24.mid=1&a=b',
    { kind: 'telemetry', bag: { system: { messageId: '1' }, properties: { a: 'b' } } },
  ],
  ['devices/d/messages/events/%zz=1', undefined],
  ['$iothub/twin/GET/?$rid=a-1', { kind: 'twinRequest', requestId: 'a-1' }],
  ['$iothub/twin/PATCH/properties/reported/?$rid=7&$version=2', { kind: 'report', requestId: '7' }],
  ['$iothub/methods/res/200/?$rid=1f', { kind: 'methodAnswer', requestId: '1f', status: 200 }],
  ['$iothub/methods/res/-5/?$rid=1&x=y', { kind: 'methodAnswer', requestId: '1', status: -5 }],
  ['devices/other/messages/events/', undefined],
  ['devices/d/messages/eventsX', undefined],
  ['$iothub/twin/GET/', undefined],
  ['$iothub/twin/GET/?$rid=', undefined],
  ['$iothub/twin/GET/?$rid=a/b', undefined],
  ['$iothub/twin/PATCH/properties/desired/?$rid=1', undefined],
  ['$iothub/methods/res/ok/?$rid=1', undefined],
  ['$iothub/methods/POST/reboot/?$rid=1', undefined],
  ['', undefined],
])('%s is %j', (topic, expected) => {
  expect(parsePublishTopic(topic, { deviceId: 'd', moduleId: undefined })).toEqual(expected)
})

test.each(['a%2fb', "it's", 'a?b', '$a', 'a.*(b)'])(
  'the topics of the device %s may be escaped or not',
  (deviceId) => {
    const device = { deviceId, moduleId: undefined }
    for (const id of [deviceId, encodeURIComponent(deviceId)]) {
      expect(parsePublishTopic(`devices/${id}/messages/events/`, device)).toMatchObject({ kind: 'telemetry' })
      expect(parseSubscription(`devices/${id}/messages/devicebound/#`, device, 1)).toBe('cloudToDevice')
    }
  },
)

test.each([
  ['$iothub/methods/POST/#', 'methods'],
  ['$iothub/twin/res/#', 'twinResponses'],
  ['$iothub/twin/PATCH/properties/desired/#', 'desired'],
  ['devices/d/messages/devicebound/#', 'cloudToDevice'],
  ['devices/other/messages/devicebound/#', undefined],
  ['$iothub/#', undefined],
  ['#', undefined],
])('a subscription to %s is %s', (filter, expected) => {
  expect(parseSubscription(filter, { deviceId: 'd', moduleId: undefined }, 1)).toBe(expected)
})

test('a module has telemetry and a twin, and may ask for messages of its own only', () => {
  const module = { deviceId: 'd', moduleId: 'a=b' }
  for (const id of ['a=b', 'a%3Db']) {
    expect(parsePublishTopic(`devices/d/modules/${id}/messages/events/`, module)).toMatchObject({
      kind: 'telemetry',
    })
    expect(parseSubscription(`devices/d/modules/${id}/messages/devicebound/#`, module, 1)).toBeUndefined()
    expect(parseSubscription(`devices/d/modules/${id}/inputs/#`, module, 1)).toBeUndefined()
    expect(parseSubscription(`devices/d/modules/${id}/#`, module, 1)).toBe('moduleMessages')
  }
  expect(parseSubscription('devices/d/modules/other/#', module, 1)).toBeUndefined()
  expect(parseSubscription('devices/d/modules/a=b/#', { deviceId: 'd', moduleId: undefined }, 1)).toBe(
    undefined,
  )
  expect(parsePublishTopic('devices/d/messages/events/', module)).toBeUndefined()
  expect(
    parsePublishTopic('devices/d/modules/a=b/messages/events/', { deviceId: 'd', moduleId: undefined }),
  ).toBeUndefined()
  expect(parseSubscription('$iothub/methods/POST/#', module, 1)).toBe('methods')
})

test('the hub publishes on the documented topics', () => {
  expect(methodTopic('reboot', '1')).toBe('$iothub/methods/POST/reboot/?$rid=1')
  expect(twinResponseTopic(200, 'r')).toBe('$iothub/twin/res/200/?$rid=r')
  expect(twinResponseTopic(204, 'r', 3)).toBe('$iothub/twin/res/204/?$rid=r&$version=3')
  expect(desiredTopic(4)).toBe('$iothub/twin/PATCH/properties/desired/?$version=4')
})
