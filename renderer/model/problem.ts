import { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
import { problemOf, type Problem } from '../../contract/app/problem.ts'

/** An error as the window shows it: with the part of the input that is wrong, when one is. */
export interface ShownProblem extends Problem {
  readonly field?: string
}

/** What the person is told about an error. The text of a bug says nothing to a person, so it is replaced. */
export function toProblem(error: unknown): ShownProblem {
  const told = error instanceof AppError ? error : fault('window-bug')
  const { field } = told
  return { ...problemOf(told), ...(field === undefined ? {} : { field }) }
}

export function isCancelled(error: unknown): boolean {
  return error instanceof AppError && error.code === 'cancelled'
}
