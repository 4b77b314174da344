import type { JsonObject } from '../hub/json.ts'
import { refusedSyntax, syntaxError } from './query-error.ts'
import type { Path } from './syntax.ts'
import type { Getter } from './truth.ts'

/** What a query can be FROM: documents, read without building them. */
export interface Collection<Row> {
  /** As after FROM, for example `devices`. */
  readonly name: string
  /** What `x-ms-item-type` says of `SELECT *`. */
  readonly itemType: string
  /** What a document has at its top. Names of the service ignore case; those of the user do not. */
  readonly fields: readonly string[]
  /** What a document has on IoT Hub and not here, and the part of IoT Hub that it belongs to. */
  readonly refusedFields?: ReadonlyMap<string, string>
  /** `devices.jobs` allows nothing but `SELECT *`. */
  readonly allowsColumns: boolean
  /** In order of `position`. */
  readonly rows: readonly Row[]
  /** Grows from row to row, and stays with a row for as long as it exists. */
  readonly position: (row: Row) => number
  /** The whole document. */
  readonly view: (row: Row) => JsonObject
  /** Reads the property at these segments, of which the first is one of `fields`. */
  readonly read: (segments: readonly string[]) => Getter<Row>
}

/** A collection whose kind of row is nobody's business but its own. */
export interface AnyCollection {
  readonly name: string
  visit<Result>(visitor: <Row>(collection: Collection<Row>) => Result): Result
}

/** Made only for a query that is FROM it: what jobs have done takes a while to put together. */
export function anyCollection<Row>(name: string, make: () => Collection<Row>): AnyCollection {
  return { name, visit: (visitor) => visitor(make()) }
}

/**
 * The segments of a path, its first spelled as the service does. A path may begin with the name of its collection:
 * `devices.jobs.jobId` is `jobId`. Throws ArgumentInvalid for a property that no document has.
 */
export function resolvePath<Row>({ segments, offset }: Path, collection: Collection<Row>): readonly string[] {
  const own = withoutPrefix(segments, collection.name.split('.'))
  const [root = '', ...rest] = own
  const field = collection.fields.find((name) => name.toLowerCase() === root.toLowerCase())
  if (field === undefined) {
    const refused = collection.refusedFields?.get(root.toLowerCase())
    if (refused !== undefined) throw refusedSyntax(refused, offset)
    const document = collection.itemType === 'Twin' ? 'a twin' : collection.name
    throw syntaxError(`'${root.slice(0, 40)}' is not a property of ${document}`, offset)
  }
  return [field, ...rest]
}

function withoutPrefix(segments: readonly string[], prefix: readonly string[]): readonly string[] {
  const isPrefixed = prefix.every((name, index) => segments[index]?.toLowerCase() === name)
  return isPrefixed ? segments.slice(prefix.length) : segments
}
