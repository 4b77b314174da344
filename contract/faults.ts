import { AppError, type AppErrorOptions } from './errors.ts'
import { appFaults } from './faults/app-faults.ts'
import { hubFaults } from './faults/hub-faults.ts'
import { inputFaults } from './faults/input-faults.ts'

/** Everything that a person is told went wrong; each language has words for each. Nothing else is an error. */
export const faults = { ...appFaults, ...hubFaults, ...inputFaults } as const
export type FaultId = keyof typeof faults

type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never
type NamesOf<Id extends FaultId> = NamesIn<(typeof faults)[Id]['meaning'] | (typeof faults)[Id]['step']>
export type FaultValues<Id extends FaultId> = Readonly<Record<NamesOf<Id>, string | number>>

type FaultOptions = Pick<AppErrorOptions, 'cause' | 'retryAfterMs' | 'field'>
type Rest<Id extends FaultId> = [NamesOf<Id>] extends [never]
  ? [values?: Readonly<Record<string, never>>, options?: FaultOptions]
  : [values: FaultValues<Id>, options?: FaultOptions]

/** Values may be what somebody else wrote: so much of it is enough to know what it is. */
const longestValue = 300

/** The error of that name. Its own text is English, for logs and the journal; the window says it in its language. */
export function fault<Id extends FaultId>(id: Id, ...[values = {}, options = {}]: Rest<Id>): AppError {
  const short = Object.fromEntries(
    Object.entries<string | number>(values).map(([name, value]) => [
      name,
      typeof value === 'string' ? value.slice(0, longestValue) : value,
    ]),
  )
  const row: { meaning: string; step: string; field?: string } & { code: AppError['code'] } = faults[id]
  return new AppError(row.code, filled(row.meaning, short), {
    nextStep: filled(row.step, short),
    field: row.field,
    ...options,
    fault: id,
    values: short,
  })
}

/** The words with the values in their places. */
export function filled(words: string, values: Readonly<Record<string, string | number>>): string {
  return words.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]))
}
