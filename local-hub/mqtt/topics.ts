/** The documented topics of IoT Hub. https://learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub */

export type DeviceMessage =
  | { readonly kind: 'telemetry' }
  | { readonly kind: 'twinRequest'; readonly requestId: string }
  | { readonly kind: 'report'; readonly requestId: string }
  | { readonly kind: 'methodAnswer'; readonly requestId: string; readonly status: number }

export type Subscription = 'methods' | 'twinResponses' | 'desired' | 'cloudToDevice'

const requestId = '[^/#+&]{1,256}'
const twinRequest = new RegExp(String.raw`^\$iothub/twin/GET/\?\$rid=(${requestId})(?:&.*)?$`)
const report = new RegExp(
  String.raw`^\$iothub/twin/PATCH/properties/reported/\?\$rid=(${requestId})(?:&.*)?$`,
)
const methodAnswer = new RegExp(String.raw`^\$iothub/methods/res/(-?\d{1,9})/\?\$rid=(${requestId})(?:&.*)?$`)

/** What a device published; `undefined` for a topic that IoT Hub does not document. */
export function parsePublishTopic(topic: string, deviceId: string): DeviceMessage | undefined {
  if (ownTopics(deviceId, 'messages/events/').some((prefix) => `${topic}/`.startsWith(prefix))) {
    return { kind: 'telemetry' }
  }
  const [, twinRequestId] = twinRequest.exec(topic) ?? []
  if (twinRequestId !== undefined) return { kind: 'twinRequest', requestId: twinRequestId }
  const [, reportId] = report.exec(topic) ?? []
  if (reportId !== undefined) return { kind: 'report', requestId: reportId }
  const [, status, answerId] = methodAnswer.exec(topic) ?? []
  if (answerId !== undefined) return { kind: 'methodAnswer', requestId: answerId, status: Number(status) }
  return undefined
}

/** What a device subscribes to; `undefined` for a filter that IoT Hub does not document. */
export function parseSubscription(filter: string, deviceId: string): Subscription | undefined {
  switch (filter) {
    case '$iothub/methods/POST/#':
      return 'methods'
    case '$iothub/twin/res/#':
      return 'twinResponses'
    case '$iothub/twin/PATCH/properties/desired/#':
      return 'desired'
    default:
      return ownTopics(deviceId, 'messages/devicebound/#').includes(filter) ? 'cloudToDevice' : undefined
  }
}

export function methodTopic(methodName: string, id: string): string {
  return `$iothub/methods/POST/${methodName}/?$rid=${id}`
}

export function twinResponseTopic(status: number, id: string, version?: number): string {
  return `$iothub/twin/res/${status}/?$rid=${id}${version === undefined ? '' : `&$version=${version}`}`
}

export function desiredTopic(version: number): string {
  return `$iothub/twin/PATCH/properties/desired/?$version=${version}`
}

/** Clients differ in whether they escape the device id. */
function ownTopics(deviceId: string, rest: string): readonly string[] {
  return [`devices/${deviceId}/${rest}`, `devices/${encodeURIComponent(deviceId)}/${rest}`]
}
