import type { GroupedColumn } from './aggregate.ts'
import { resolvePath } from './collection.ts'
import type { Collection } from './collection.ts'
import { compileExpression } from './compile-expression.ts'
import { syntaxError } from './query-error.ts'
import type { AggregateColumn, Column, Path, PathColumn, Query } from './syntax.ts'
import type { Getter } from './truth.ts'

export interface PlainColumn<Row> {
  readonly alias: string
  readonly get: Getter<Row>
}

/** A query bound to its collection. */
export interface Plan<Row> {
  readonly isMatch: Getter<Row>
  readonly result:
    | { readonly kind: 'documents' }
    | { readonly kind: 'columns'; readonly columns: readonly PlainColumn<Row>[] }
    | {
        readonly kind: 'groups'
        readonly columns: readonly GroupedColumn<Row>[]
        readonly groupBy: Getter<Row> | undefined
      }
}

/** Throws ArgumentInvalid for what parses but has no meaning. */
export function planQuery<Row>(query: Query, collection: Collection<Row>): Plan<Row> {
  const { where } = query
  const read = (path: Path) => collection.read(resolvePath(path, collection))
  return {
    isMatch: where ? compileExpression(where, read) : () => true,
    result: planResult(query, collection),
  }
}

function planResult<Row>(query: Query, collection: Collection<Row>): Plan<Row>['result'] {
  const { columns, groupBy, source } = query
  if (!columns) {
    if (groupBy) throw syntaxError('GROUP BY needs a list of columns, not *', groupBy.offset)
    return { kind: 'documents' }
  }
  if (!collection.allowsColumns) throw syntaxError(`FROM ${source.name} allows only SELECT *`, source.offset)
  const planned = columns.map((column) => planColumn(column, collection))
  assertDifferent(planned, columns)
  const isGrouped = groupBy !== undefined || columns.some(({ kind }) => kind === 'aggregate')
  if (!isGrouped) return { kind: 'columns', columns: planned }
  const group = groupBy && resolvePath(groupBy, collection)
  for (const column of columns) {
    if (column.kind === 'path') assertGrouped(column, group, collection)
  }
  return { kind: 'groups', columns: planned, groupBy: group && collection.read(group) }
}

function planColumn<Row>(column: Column, collection: Collection<Row>): GroupedColumn<Row> {
  return column.kind === 'path' ? planPath(column, collection) : planAggregate(column, collection)
}

/** Without an alias a column has the name of its property. */
function planPath<Row>({ path, alias }: PathColumn, collection: Collection<Row>): GroupedColumn<Row> {
  const segments = resolvePath(path, collection)
  return { kind: 'path', alias: alias ?? segments.at(-1) ?? '', get: collection.read(segments) }
}

function planAggregate<Row>(
  { name, path, alias }: AggregateColumn,
  collection: Collection<Row>,
): GroupedColumn<Row> {
  const get = path ? collection.read(resolvePath(path, collection)) : () => undefined
  return { kind: 'aggregate', alias, name, get }
}

/** Of two columns with one name a row could hold only one. */
function assertDifferent(planned: readonly { readonly alias: string }[], columns: readonly Column[]): void {
  const aliases = planned.map(({ alias }) => alias)
  const twice = aliases.findIndex((alias, index) => aliases.indexOf(alias) !== index)
  const column = columns[twice]
  if (!column) return
  const offset = column.kind === 'path' ? column.path.offset : column.offset
  throw syntaxError(`two columns are called '${aliases[twice]?.slice(0, 40) ?? ''}'`, offset)
}

function assertGrouped<Row>(
  { path }: PathColumn,
  group: readonly string[] | undefined,
  collection: Collection<Row>,
): void {
  const segments = resolvePath(path, collection)
  if (group?.length === segments.length && segments.every((segment, index) => segment === group[index]))
    return
  throw syntaxError(
    `'${segments.join('.').slice(0, 40)}' is neither in GROUP BY nor an aggregate`,
    path.offset,
  )
}
