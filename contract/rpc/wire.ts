import { z } from 'zod'
import { errorOf, Problem, problemOf } from '../app/problem.ts'
import { AppError } from '../errors.ts'
import { fault } from '../faults.ts'

const id = z.number().int().nonnegative()

/** What travels from the user interface to the host. */
export const Request = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('open'),
    id,
    group: z.string().max(64),
    name: z.string().max(64),
    input: z.unknown().optional(),
  }),
  z.object({ kind: z.literal('cancel'), id }),
])
export type Request = z.infer<typeof Request>
export type Opening = Extract<Request, { kind: 'open' }>

const WireError = Problem.extend({ retryAfterMs: z.number().optional(), field: z.string().optional() })
type WireError = z.infer<typeof WireError>

/** What travels from the host to the user interface. */
export const Response = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('value'), id, value: z.unknown().optional() }),
  z.object({ kind: z.literal('end'), id }),
  z.object({ kind: z.literal('error'), id, error: WireError }),
])
export type Response = z.infer<typeof Response>

/** Only an AppError may speak to the user; the text of any other error stays on the host. */
export function toWire(error: unknown): WireError {
  const told = error instanceof AppError ? error : fault('bug')
  const { retryAfterMs, field } = told
  return {
    ...problemOf(told),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(field === undefined ? {} : { field }),
  }
}

export const fromWire: (error: WireError) => AppError = errorOf
