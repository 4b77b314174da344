import { z } from 'zod'
import { AppError, errorCodes } from '../errors.ts'

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

const WireError = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  retryAfterMs: z.number().optional(),
  nextStep: z.string().optional(),
  field: z.string().optional(),
})
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
  if (!(error instanceof AppError)) {
    return { code: 'internal', message: 'Something went wrong inside Drover. The log has the details.' }
  }
  const { code, message, retryAfterMs, nextStep, field } = error
  return {
    code,
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(nextStep === undefined ? {} : { nextStep }),
    ...(field === undefined ? {} : { field }),
  }
}

export function fromWire({ code, message, ...options }: WireError): AppError {
  return new AppError(code, message, options)
}
