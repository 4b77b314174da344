import rhea from 'rhea'
import type { Message } from 'rhea'
import { invalid } from '../hub/hub-error.ts'

/** rhea's mark of a body that is bytes. */
const dataSection = 0x75

const uuidBytes = 16

/** A text of a message, however its sender encoded it: SDKs turn ids that look like a UUID into one. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value))
    return value.length === uuidBytes ? rhea.uuid_to_string(value) : value.toString()
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : value.toISOString()
  return ['number', 'boolean', 'bigint'].includes(typeof value) ? String(value) : undefined
}

/** Longer than any SDK's; the hub keeps answers that nobody takes. */
const longestId = 1024

/** An id that comes back in the answer as it was. Throws ArgumentInvalid for what rhea cannot send. */
export function echoedIdOf(value: unknown): string | number | Buffer | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' && value.length <= longestId) return value
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  if (Buffer.isBuffer(value) && value.length === uuidBytes) return value
  throw invalid('An id should be a text, a number or a UUID, and not long')
}

/** A user id is bytes, never a UUID. */
export function userIdOf(value: unknown): string | undefined {
  return Buffer.isBuffer(value) ? value.toString() : textOf(value)
}

/** Application properties as texts; throws ArgumentInvalid for a property that has no text. */
export function propertiesOf({
  application_properties: properties,
}: Message): Readonly<Record<string, string>> {
  const entries = Object.entries(properties ?? {}).map(([name, value]): [string, string] => {
    const text = textOf(value)
    if (text === undefined) throw invalid(`The property ${name} should be a text`)
    return [name, text]
  })
  return Object.fromEntries(entries)
}

/** What the annotation holds, as a text. */
export function annotationOf(
  { message_annotations: annotations }: Message,
  name: string,
): string | undefined {
  const own = annotations && Object.hasOwn(annotations, name) ? (annotations[name] as unknown) : undefined
  return textOf(own)
}

/** The body as bytes; throws ArgumentInvalid for what is neither bytes nor a text. */
export function bodyOf({ body }: Message): Buffer {
  if (typeof body === 'string') return Buffer.from(body)
  const parts = dataOf(body ?? Buffer.alloc(0))
  if (parts) return Buffer.concat(parts)
  throw invalid('The body of a message should be bytes')
}

/** The data sections of a body; `undefined` for one that is something else. */
export function dataOf(body: unknown): readonly Buffer[] | undefined {
  const content: unknown = isSection(body) && body.typecode === dataSection ? body.content : body
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content]
  return parts.every((part) => Buffer.isBuffer(part)) ? parts : undefined
}

/** Milliseconds since the epoch; throws ArgumentInvalid. */
export function timeOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  const time = value instanceof Date ? value.getTime() : value
  if (typeof time === 'number' && !Number.isNaN(new Date(time).getTime())) return time
  throw invalid('A time should be a timestamp')
}

/** What rhea sends as bytes. */
export function bytesBody(bytes: Uint8Array): unknown {
  return rhea.message.data_section(Buffer.from(bytes))
}

/** A body of JSON, as bytes. */
export function jsonBody(json: string): unknown {
  return bytesBody(Buffer.from(json))
}

function isSection(value: unknown): value is { typecode: unknown; content: unknown } {
  return typeof value === 'object' && value !== null && 'typecode' in value && 'content' in value
}

/** A lock token as 16 bytes: the delivery tag in which SDKs look for it. */
export function tagOf(lockToken: string): Buffer {
  return Buffer.from(lockToken.replaceAll('-', ''), 'hex')
}
