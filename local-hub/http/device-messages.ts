import type { CloudToDeviceMessage, PendingMessage } from '../hub/cloud-to-device-message.ts'
import type { EventSystemProperties } from '../events/hub-event.ts'
import { HubError, invalid } from '../hub/hub-error.ts'
import { isJsonObject } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'

/** A message as a device sent it over HTTPS. */
export interface SentMessage {
  readonly body: Uint8Array
  readonly system: EventSystemProperties
  readonly properties: Readonly<Record<string, string>>
}

/** Names and values, in turn. */
export type RawHeaders = readonly string[]

export const batchContentType = 'application/vnd.microsoft.iothub.json'

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-construct */
const mostInBatch = 500
const largestBatch = 256 * 1024
const propertyPrefix = 'iothub-app-'

const systemHeaders = new Map<string, keyof EventSystemProperties>([
  ['iothub-messageid', 'messageId'],
  ['iothub-correlationid', 'correlationId'],
  ['iothub-userid', 'userId'],
  ['iothub-contenttype', 'contentType'],
  ['iothub-contentencoding', 'contentEncoding'],
  ['iothub-to', 'to'],
  ['iothub-expiry', 'expiry'],
  ['iothub-interface-id', 'interfaceId'],
  ['iothub-creationtimeutc', 'creationTime'],
  ['dt-subject', 'subject'],
])

/** Application properties come with a prefix; other headers are not for the message. */
export function messageOfRequest(rawHeaders: RawHeaders, body: Uint8Array): SentMessage {
  const fields = rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : [],
  )
  return { body, ...propertiesOf(fields) }
}

/** Throws ArgumentInvalid, MessageTooLarge. A body is base64, unless it says that it is not. */
export function messagesOfBatch(body: Uint8Array, batch: JsonValue): readonly SentMessage[] {
  if (body.byteLength > largestBatch) throw new HubError('MessageTooLarge', 'A batch has at most 256 KB')
  if (!Array.isArray(batch)) throw invalid('A batch should be a list of messages')
  const items = batch as readonly JsonValue[]
  if (items.length === 0 || items.length > mostInBatch)
    throw invalid(`A batch has 1 to ${mostInBatch} messages`)
  return items.map(messageOfItem)
}

function messageOfItem(item: JsonValue): SentMessage {
  if (!isJsonObject(item)) throw invalid('A message of a batch should be an object')
  const { body, base64Encoded = true, properties = {} } = item
  if (typeof body !== 'string') throw invalid('The body of a message of a batch should be a text')
  if (!isJsonObject(properties)) throw invalid('The properties of a message of a batch should be an object')
  return {
    body: base64Encoded === true ? fromBase64(body) : Buffer.from(body),
    ...propertiesOf(textsOf(properties)),
  }
}

function fromBase64(text: string): Uint8Array {
  if (/^[\w+/\-\s]*={0,2}$/.test(text)) return Buffer.from(text, 'base64')
  throw invalid('The body of a message of a batch should be base64')
}

function textsOf(properties: JsonObject): readonly (readonly [string, string])[] {
  return Object.entries(properties).map(([name, value]) => {
    if (typeof value === 'string') return [name, value]
    throw invalid('A property of a message should be a text')
  })
}

function propertiesOf(
  fields: readonly (readonly [name: string, value: string])[],
): Pick<SentMessage, 'system' | 'properties'> {
  const system: Partial<Record<keyof EventSystemProperties, string>> = {}
  const properties = new Map<string, string>()
  for (const [name, value] of fields) {
    const lower = name.toLowerCase()
    const systemName = systemHeaders.get(lower)
    if (systemName) system[systemName] = value
    else if (lower.startsWith(propertyPrefix)) properties.set(name.slice(propertyPrefix.length), value)
  }
  return { system, properties: Object.fromEntries(properties) }
}

/** A message for a device as the headers of an answer; a property that no header can carry is left out. */
export function headersOfMessage(
  { lockToken, pending }: { readonly lockToken: string; readonly pending: PendingMessage },
  to: string,
): Readonly<Record<string, string>> {
  const { message } = pending
  const fields: readonly (readonly [string, string | undefined])[] = [
    ...systemFields(message),
    ['iothub-to', to],
    ['iothub-expiry', new Date(pending.expiresAt).toISOString()],
    ['iothub-enqueuedtime', new Date(pending.enqueuedAt).toISOString()],
    ['iothub-sequencenumber', String(pending.sequenceNumber)],
    ['iothub-deliverycount', String(pending.deliveryCount)],
    ...Object.entries(message.properties).map(
      ([name, value]) => [`${propertyPrefix}${name}`, value] as const,
    ),
  ]
  const headers = fields.flatMap(([name, value]) => (isHeader(name, value) ? [[name, wire(value)]] : []))
  return { etag: `"${lockToken}"`, ...(Object.fromEntries(headers) as Record<string, string>) }
}

function systemFields(message: CloudToDeviceMessage): readonly (readonly [string, string | undefined])[] {
  return [
    ['iothub-messageid', message.messageId],
    ['iothub-correlationid', message.correlationId],
    ['iothub-userid', message.userId],
    ['iothub-contenttype', message.contentType],
    ['iothub-contentencoding', message.contentEncoding],
    ['iothub-ack', message.acknowledgement],
  ]
}

/** A token as name, and a value without control characters (RFC 9110, 5.5 and 5.6.2). */
function isHeader(name: string, value: string | undefined): value is string {
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  return /^[\w!#$%&'*+\-.^`|~]+$/.test(name) && value !== undefined && !/[\0-\x08\n-\x1f\x7f]/.test(value)
}

/** UTF-8, as Node writes headers: a character for each byte. */
function wire(value: string): string {
  return Buffer.from(value).toString('latin1')
}
