import type { DeviceRecord } from '../hub/device-record.ts'
import type { JsonObject } from '../hub/json.ts'
import { twinView } from '../hub/twin-view.ts'
import { compileExpression, compileProjection } from './compile-query.ts'
import { parseQuery } from './parse-query.ts'
import type { Query } from './syntax.ts'

export interface QueryPage {
  readonly items: readonly JsonObject[]
  /** What `x-ms-item-type` says. */
  readonly itemType: 'Twin' | 'Raw'
  /** Where the next page starts; `undefined` on the last one. */
  readonly next: number | undefined
}

export interface QueryOptions {
  readonly records: Iterable<DeviceRecord>
  readonly pageSize: number
  /** Only devices created later than this. */
  readonly after: number
}

/** Throws HubError as `parseQuery` does. */
export function runQuery(text: string, options: QueryOptions): QueryPage {
  const query = parseQuery(text)
  const matches = matchesOf(query, options)
  const { projection } = query
  if (projection.kind === 'count') {
    const count = matches.reduce((total) => total + 1, 0)
    return { items: [{ [projection.alias]: count }], itemType: 'Raw', next: undefined }
  }
  // One more than the page shows whether there is another page.
  const found = matches.take(options.pageSize + 1).toArray()
  const page = found.slice(0, options.pageSize)
  const project = projection.kind === 'paths' ? compileProjection(projection.items) : undefined
  return {
    items: project ? page.map(({ twin }) => project(twin)) : page.map(({ twin }) => twin),
    itemType: project ? 'Raw' : 'Twin',
    next: found.length > page.length ? page.at(-1)?.sequence : undefined,
  }
}

function matchesOf({ where }: Query, { records, after }: QueryOptions) {
  const isMatch = where ? compileExpression(where) : () => true
  return Iterator.from(records)
    .filter(({ sequence }) => sequence > after)
    .map((record) => ({ sequence: record.sequence, twin: twinView(record) }))
    .filter(({ twin }) => isMatch(twin) === true)
}
