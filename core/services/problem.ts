import type { Problem } from '../../contract/app/problem.ts'
import { AppError } from '../../contract/errors.ts'

/** An error as a value for the window. The text of what is not an AppError stays in the log. */
export function toProblem(error: unknown): Problem {
  if (!(error instanceof AppError)) {
    return { code: 'internal', message: 'Something went wrong inside Drover. The log has the details.' }
  }
  const { code, message, nextStep } = error
  return { code, message, ...(nextStep === undefined ? {} : { nextStep }) }
}
