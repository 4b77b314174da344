import { expect, test } from 'vitest'
import {
  desiredTopic,
  methodTopic,
  parsePublishTopic,
  parseSubscription,
  twinResponseTopic,
} from './topics.ts'

test.each([
  ['devices/d/messages/events/', { kind: 'telemetry' }],
  ['devices/d/messages/events', { kind: 'telemetry' }],
  ['devices/d/messages/events/%24.mid=1&a=b', { kind: 'telemetry' }],
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
  expect(parsePublishTopic(topic, 'd')).toEqual(expected)
})

test.each(['a%2fb', "it's", 'a?b', '$a', 'a.*(b)'])(
  'the topics of the device %s may be escaped or not',
  (deviceId) => {
    for (const id of [deviceId, encodeURIComponent(deviceId)]) {
      expect(parsePublishTopic(`devices/${id}/messages/events/`, deviceId)).toEqual({ kind: 'telemetry' })
      expect(parseSubscription(`devices/${id}/messages/devicebound/#`, deviceId)).toBe('cloudToDevice')
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
  expect(parseSubscription(filter, 'd')).toBe(expected)
})

test('the hub publishes on the documented topics', () => {
  expect(methodTopic('reboot', '1')).toBe('$iothub/methods/POST/reboot/?$rid=1')
  expect(twinResponseTopic(200, 'r')).toBe('$iothub/twin/res/200/?$rid=r')
  expect(twinResponseTopic(204, 'r', 3)).toBe('$iothub/twin/res/204/?$rid=r&$version=3')
  expect(desiredTopic(4)).toBe('$iothub/twin/PATCH/properties/desired/?$version=4')
})
