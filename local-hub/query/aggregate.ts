import { emptyJsonObject, isJsonObject } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'
import { orderOfTexts } from './compare.ts'
import type { AggregateName } from './syntax.ts'
import type { Getter } from './truth.ts'

/** One column of a grouped query: what all rows of a group have, or what is computed over them. */
export type GroupedColumn<Row> =
  | { readonly kind: 'path'; readonly alias: string; readonly get: Getter<Row> }
  | {
      readonly kind: 'aggregate'
      readonly alias: string
      readonly name: AggregateName
      readonly get: Getter<Row>
    }

interface Group<Row> {
  readonly first: Row
  readonly accumulators: ReadonlyMap<string, Accumulator>
}

/** Takes the value of each row; what is missing or of another type is not counted in. */
interface Accumulator {
  add(value: JsonValue | undefined): void
  result(): JsonValue | undefined
}

const accumulators: Readonly<Record<AggregateName, () => Accumulator>> = {
  COUNT: countOfRows,
  SUM: () => numbers((sum) => sum),
  AVG: () => numbers((sum, count) => sum / count),
  MIN: () => extreme((order) => order < 0),
  MAX: () => extreme((order) => order > 0),
}

/** One row per group, in the order in which the groups appear; without `groupBy` all rows are one group. */
export function aggregate<Row>(
  rows: Iterable<Row>,
  columns: readonly GroupedColumn<Row>[],
  groupBy: Getter<Row> | undefined,
): readonly JsonObject[] {
  const groups = new Map<string | undefined, Group<Row>>()
  for (const row of rows) {
    const key = groupBy && keyOf(groupBy(row))
    const group = groups.get(key) ?? { first: row, accumulators: newAccumulators(columns) }
    groups.set(key, group)
    for (const { alias, get } of columns) group.accumulators.get(alias)?.add(get(row))
  }
  const results = [...groups.values()].map((group) => rowOf(columns, group))
  return results.length === 0 && !groupBy ? [emptyRow(columns)] : results
}

function newAccumulators<Row>(columns: readonly GroupedColumn<Row>[]): ReadonlyMap<string, Accumulator> {
  return new Map(
    columns
      .filter((column) => column.kind === 'aggregate')
      .map(({ alias, name }) => [alias, accumulators[name]()]),
  )
}

function rowOf<Row>(columns: readonly GroupedColumn<Row>[], group: Group<Row>): JsonObject {
  return rowWith(columns, ({ kind, alias, get }) =>
    kind === 'path' ? get(group.first) : group.accumulators.get(alias)?.result(),
  )
}

/** What aggregates say about no rows at all. */
function emptyRow<Row>(columns: readonly GroupedColumn<Row>[]): JsonObject {
  const initial = newAccumulators(columns)
  return rowWith(columns, ({ alias }) => initial.get(alias)?.result())
}

/** A row of a result; a column without a value is left out. */
export function rowWith<Column extends { readonly alias: string }>(
  columns: readonly Column[],
  valueOf: (column: Column) => JsonValue | undefined,
): JsonObject {
  const row = emptyJsonObject()
  for (const column of columns) {
    const value = valueOf(column)
    if (value !== undefined) row[column.alias] = value
  }
  return row
}

/** Equal for equal values, whatever the order of their keys. */
function keyOf(value: JsonValue | undefined): string | undefined {
  return JSON.stringify(value, (_key, part: JsonValue) =>
    isJsonObject(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  )
}

function countOfRows(): Accumulator {
  let count = 0
  return {
    add() {
      count += 1
    },
    result: () => count,
  }
}

function numbers(combine: (sum: number, count: number) => number): Accumulator {
  let sum = 0
  let count = 0
  return {
    add(value) {
      if (typeof value !== 'number') return
      sum += value
      count += 1
    },
    result: () => (count === 0 ? undefined : combine(sum, count)),
  }
}

/** The least or the greatest; numbers come before texts. */
function extreme(isBetter: (order: number) => boolean): Accumulator {
  let best: number | string | undefined
  return {
    add(value) {
      if (typeof value !== 'number' && typeof value !== 'string') return
      if (best === undefined || isBetter(orderOfMixed(value, best))) best = value
    },
    result: () => best,
  }
}

function orderOfMixed(left: number | string, right: number | string): number {
  if (typeof left === 'string' && typeof right === 'string') return orderOfTexts(left, right)
  if (typeof left === 'number' && typeof right === 'number') return left - right
  return typeof left === 'number' ? -1 : 1
}
