import type { ErrorCode } from '../errors.ts'

/** One thing that can go wrong, in English; `{name}` is where a value goes. */
export interface FaultRow {
  readonly code: ErrorCode
  /** What happened, and what it means. */
  readonly meaning: string
  /** What the person can do next. */
  readonly step: string
  /** Which part of the input is wrong, where that is always the same one. */
  readonly field?: string
}

export type FaultTable = Readonly<Record<string, FaultRow>>
