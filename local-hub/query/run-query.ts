import type { JsonObject } from '../hub/json.ts'
import { aggregate, rowWith } from './aggregate.ts'
import type { AnyCollection, Collection } from './collection.ts'
import { parseQuery } from './parse-query.ts'
import { planQuery } from './plan-query.ts'
import type { Plan } from './plan-query.ts'
import { refusedSyntax, syntaxError } from './query-error.ts'
import type { Source } from './syntax.ts'
import type { Getter } from './truth.ts'

/** Where a page starts. */
export interface Cursor {
  /** The position of the last row of the page before. */
  readonly after: number
  /** How many rows the pages before this one had. */
  readonly returned: number
}

export const firstPage: Cursor = { after: 0, returned: 0 }

export interface QueryPage {
  readonly items: readonly JsonObject[]
  /** What `x-ms-item-type` says. */
  readonly itemType: string
  /** `undefined` on the last page. */
  readonly next: Cursor | undefined
}

export interface QueryOptions {
  /** What a query can be FROM. */
  readonly collections: readonly AnyCollection[]
  readonly pageSize: number
  readonly cursor: Cursor
}

interface PageOptions {
  readonly cursor: Cursor
  /** The most rows of this page. */
  readonly size: number
  /** The most rows of all pages. */
  readonly top: number
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language#from-clause */
const documentedSources = ['devices', 'devices.modules', 'devices.jobs']

/** Throws HubError as `parseQuery` does, and for a query that has no meaning in its collection. */
export function runQuery(text: string, { collections, pageSize, cursor }: QueryOptions): QueryPage {
  const query = parseQuery(text)
  const { top = Infinity } = query
  const options = { cursor, top, size: Math.min(pageSize, top - cursor.returned) }
  return collectionOf(query.source, collections).visit((collection) => {
    const plan = planQuery(query, collection)
    return plan.result.kind === 'groups'
      ? pageOfGroups(aggregate(matches(plan, collection), plan.result.columns, plan.result.groupBy), options)
      : pageOfRows(plan, collection, options)
  })
}

function collectionOf({ name, offset }: Source, collections: readonly AnyCollection[]): AnyCollection {
  const found = collections.find((collection) => collection.name === name)
  if (found) return found
  if (documentedSources.includes(name)) throw refusedSyntax(`FROM ${name}`, offset)
  throw syntaxError(`FROM takes ${documentedSources.join(', ')}, not ${name.slice(0, 40)}`, offset)
}

function* matches<Row>({ isMatch }: Plan<Row>, { rows }: Collection<Row>): Iterable<Row> {
  for (const row of rows) if (isMatch(row) === true) yield row
}

/** Groups are computed anew for each page: a page is a slice of them. */
function pageOfGroups(groups: readonly JsonObject[], { cursor, size, top }: PageOptions): QueryPage {
  const returned = cursor.returned + size
  const items = groups.slice(cursor.returned, returned)
  const hasMore = returned < Math.min(groups.length, top)
  return { items, itemType: 'Raw', next: hasMore ? { after: 0, returned } : undefined }
}

function pageOfRows<Row>(plan: Plan<Row>, collection: Collection<Row>, options: PageOptions): QueryPage {
  const { cursor, size, top } = options
  // One more than the page shows whether there is another page.
  const found = takeMatches(plan.isMatch, collection, { after: cursor.after, count: size + 1 })
  const rows = found.slice(0, size)
  const last = rows.at(-1)
  const returned = cursor.returned + rows.length
  const hasMore = found.length > rows.length && returned < top
  return {
    items: rows.map(viewOf(plan, collection)),
    itemType: plan.result.kind === 'documents' ? collection.itemType : 'Raw',
    next: hasMore && last !== undefined ? { after: collection.position(last), returned } : undefined,
  }
}

function takeMatches<Row>(
  isMatch: Getter<Row>,
  { rows, position }: Collection<Row>,
  { after, count }: { after: number; count: number },
): Row[] {
  const found: Row[] = []
  for (let index = firstAfter(rows, position, after); index < rows.length; index += 1) {
    const row = rows[index]
    if (row !== undefined && isMatch(row) === true && found.push(row) === count) break
  }
  return found
}

/** By halves: a later page costs no more than the first. */
function firstAfter<Row>(rows: readonly Row[], position: (row: Row) => number, after: number): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const row = rows[middle]
    if (row !== undefined && position(row) <= after) low = middle + 1
    else high = middle
  }
  return low
}

function viewOf<Row>({ result }: Plan<Row>, collection: Collection<Row>): (row: Row) => JsonObject {
  if (result.kind === 'documents') return (row) => collection.view(row)
  return (row) => rowWith(result.columns, ({ get }) => get(row))
}
