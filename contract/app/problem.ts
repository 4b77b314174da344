import { z } from 'zod'
import { AppError, errorCodes } from '../errors.ts'

/** What goes into the words of a fault. */
export const FaultValues = z.record(z.string(), z.union([z.number(), z.string()]))

/**
 * An error as a value, for what failed in the background: what happened, and what to do next, in English. `fault` and
 * `values` are what another language says it by.
 */
export const Problem = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  nextStep: z.string().optional(),
  fault: z.string().max(64).optional(),
  values: FaultValues.optional(),
})
export type Problem = z.infer<typeof Problem>

export function problemOf({ code, message, nextStep, fault, values }: AppError): Problem {
  return {
    code,
    message,
    ...(nextStep === undefined ? {} : { nextStep }),
    ...(fault === undefined ? {} : { fault }),
    ...(values === undefined || Object.keys(values).length === 0 ? {} : { values }),
  }
}

export function errorOf({ code, message, ...options }: Problem): AppError {
  return new AppError(code, message, options)
}
