import type { CloudToDeviceMessage } from '../hub/cloud-to-device-message.ts'
import type { EventSystemProperties } from '../events/hub-event.ts'

/** What a device says about its message, in the last level of the topic. */
export interface PropertyBag {
  readonly system: EventSystemProperties
  readonly properties: Readonly<Record<string, string>>
}

/** https://learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub#sending-device-to-cloud-messages */
const systemNames = new Map<string, keyof EventSystemProperties>([
  ['$.mid', 'messageId'],
  ['$.cid', 'correlationId'],
  ['$.uid', 'userId'],
  ['$.ct', 'contentType'],
  ['$.ce', 'contentEncoding'],
  ['$.to', 'to'],
  ['$.exp', 'expiry'],
  ['$.sub', 'subject'],
  ['$.ifid', 'interfaceId'],
  ['$.ctime', 'creationTime'],
])

/** `undefined` for what is not `name=value&name=value`, percent-encoded. A system property that is unknown is dropped. */
export function parsePropertyBag(text: string): PropertyBag | undefined {
  const system: Partial<Record<keyof EventSystemProperties, string>> = {}
  const properties = new Map<string, string>()
  for (const field of text.replace(/^\?/, '').replace(/\/$/, '').split('&')) {
    if (field === '') continue
    const [name, value] = splitField(field)
    if (name === undefined || name === '' || value === undefined) return undefined
    const systemName = systemNames.get(name)
    if (systemName) system[systemName] = value
    else if (!name.startsWith('$.')) properties.set(name, value)
  }
  return { system, properties: Object.fromEntries(properties) }
}

/** What MQTT says beside the topic, as the properties in which IoT Hub passes it on. */
export function withFlags(
  bag: PropertyBag,
  { isRetained, isWill = false }: { readonly isRetained: boolean; readonly isWill?: boolean },
): PropertyBag {
  const properties = {
    ...bag.properties,
    ...(isRetained && { 'mqtt-retain': 'true' }),
    ...(isWill && { 'iothub-MessageType': 'Will' }),
  }
  return { ...bag, properties }
}

/** The properties of a cloud-to-device message as the device finds them in the topic. */
export function formatPropertyBag(message: CloudToDeviceMessage, to: string): string {
  const { acknowledgement, expiresAt } = message
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['$.mid', message.messageId],
    ['$.exp', expiresAt === undefined ? undefined : new Date(expiresAt).toISOString()],
    ['$.cid', message.correlationId],
    ['$.uid', message.userId],
    ['$.to', to],
    ['$.ct', message.contentType],
    ['$.ce', message.contentEncoding],
    ['iothub-ack', acknowledgement === 'none' ? undefined : acknowledgement],
    ...Object.entries(message.properties),
  ]
  return fields
    .flatMap(([name, value]) => (value === undefined ? [] : [`${encode(name)}=${encode(value)}`]))
    .join('&')
}

function splitField(field: string): [name: string | undefined, value: string | undefined] {
  const equals = field.indexOf('=')
  // A property without a value is one with an empty value.
  return equals === -1
    ? [decode(field), '']
    : [decode(field.slice(0, equals)), decode(field.slice(equals + 1))]
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    // A malformed escape: the caller refuses the whole bag.
    return undefined
  }
}

/** No `+` and no `#`, which a topic may not contain; lone surrogates, which have no encoding, are replaced. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}
