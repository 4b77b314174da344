import type { DeviceIdentity } from '../hub/device-identity.ts'
import type { Subscription } from '../hub/sessions.ts'
import { parsePropertyBag } from './property-bag.ts'
import type { PropertyBag } from './property-bag.ts'

/** The documented topics of IoT Hub. https://learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub */

export type DeviceMessage =
  | { readonly kind: 'telemetry'; readonly bag: PropertyBag }
  | { readonly kind: 'twinRequest'; readonly requestId: string }
  | { readonly kind: 'report'; readonly requestId: string }
  | { readonly kind: 'methodAnswer'; readonly requestId: string; readonly status: number }

const requestId = '[^/#+&]{1,256}'
const twinRequest = new RegExp(String.raw`^\$iothub/twin/GET/\?\$rid=(${requestId})(?:&.*)?$`)
const report = new RegExp(
  String.raw`^\$iothub/twin/PATCH/properties/reported/\?\$rid=(${requestId})(?:&.*)?$`,
)
const methodAnswer = new RegExp(String.raw`^\$iothub/methods/res/(-?\d{1,9})/\?\$rid=(${requestId})(?:&.*)?$`)

/** What a device published; `undefined` for a topic that IoT Hub does not document. */
export function parsePublishTopic(topic: string, identity: DeviceIdentity): DeviceMessage | undefined {
  if (!topic.startsWith('$')) return parseTelemetryTopic(topic, identity)
  const [, twinRequestId] = twinRequest.exec(topic) ?? []
  if (twinRequestId !== undefined) return { kind: 'twinRequest', requestId: twinRequestId }
  const [, reportId] = report.exec(topic) ?? []
  if (reportId !== undefined) return { kind: 'report', requestId: reportId }
  const [, status, answerId] = methodAnswer.exec(topic) ?? []
  if (answerId !== undefined) return { kind: 'methodAnswer', requestId: answerId, status: Number(status) }
  return undefined
}

function parseTelemetryTopic(topic: string, identity: DeviceIdentity): DeviceMessage | undefined {
  const prefix = ownTopics(identity, 'messages/events/').find((own) => `${topic}/`.startsWith(own))
  const bag = prefix === undefined ? undefined : parsePropertyBag(topic.slice(prefix.length))
  return bag && { kind: 'telemetry', bag }
}

/** What a device subscribes to; `undefined` for a filter that IoT Hub does not document. */
export function parseSubscription(
  filter: string,
  identity: DeviceIdentity,
  qos: number,
): Subscription | undefined {
  switch (filter) {
    case '$iothub/methods/POST/#':
      return 'methods'
    case '$iothub/twin/res/#':
      return 'twinResponses'
    case '$iothub/twin/PATCH/properties/desired/#':
      return 'desired'
    default:
      return parseOwnTopics(filter, identity, qos)
  }
}

/** Messages from the cloud are for devices; a module may ask for them, and gets none. */
function parseOwnTopics(filter: string, identity: DeviceIdentity, qos: number): Subscription | undefined {
  if (identity.moduleId !== undefined)
    return ownTopics(identity, '#').includes(filter) ? 'moduleMessages' : undefined
  if (!ownTopics(identity, 'messages/devicebound/#').includes(filter)) return undefined
  return qos === 0 ? 'cloudToDeviceQos0' : 'cloudToDevice'
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

/** Clients differ in whether they escape the ids. */
function ownTopics({ deviceId, moduleId }: DeviceIdentity, rest: string): readonly string[] {
  return [(id: string) => id, encodeURIComponent].map((write) => {
    const module = moduleId === undefined ? '' : `modules/${write(moduleId)}/`
    return `devices/${write(deviceId)}/${module}${rest}`
  })
}
