import { problemOf, type Problem } from '../../contract/app/problem.ts'
import { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'

/** An error as a value for the window. The text of what is not an AppError stays in the log. */
export function toProblem(error: unknown): Problem {
  return problemOf(error instanceof AppError ? error : fault('bug'))
}
