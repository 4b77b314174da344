import { z } from 'zod'
import { errorCodes } from '../errors.ts'

/** An error as a value, for what failed in the background: what happened, and what to do next. */
export const Problem = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  nextStep: z.string().optional(),
})
export type Problem = z.infer<typeof Problem>
