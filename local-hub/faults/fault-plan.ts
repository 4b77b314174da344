import { z } from 'zod'
import { amqpOperations, deviceOperations, serviceOperations } from '../limits/operation.ts'

const longestDelayMs = 10 * 60 * 1000

/** What goes wrong. Before `lostResponse` and after `slow` and `wrongClock` the request is executed; else it is not. */
const Effect = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(400).max(599),
    /** As in `ErrorCode:...`. */
    errorCode: z
      .string()
      .regex(/^\w{1,100}$/)
      .default('InjectedFault'),
    retryAfterSeconds: z.int().min(0).max(3600).optional(),
  }),
  /** The hub takes the request and never answers. */
  z.strictObject({ kind: z.literal('silence') }),
  /** The connection is torn down. */
  z.strictObject({ kind: z.literal('reset') }),
  /** The hub does what it was asked, and the connection is torn down before the answer. */
  z.strictObject({ kind: z.literal('lostResponse') }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().min(1).max(longestDelayMs) }),
  /** What a hotel's network answers in the place of the hub: 200 and a page. */
  z.strictObject({ kind: z.literal('captivePortal') }),
  /** The hub's clock is ahead by so much, or behind: tokens are expired, and the Date header lies. */
  z.strictObject({ kind: z.literal('wrongClock'), offsetSeconds: z.int() }),
])

const RuleShape = z.strictObject({
  /** Absent means all of the service side over HTTPS. */
  operation: z
    .enum([...serviceOperations, ...amqpOperations, ...deviceOperations])
    .exclude(['diagnostics'])
    .optional(),
  /** Patterns with `*`; a rule with one is not for requests that have no device, or no method. */
  device: z.string().max(256).optional(),
  method: z.string().max(256).optional(),
  /** The part of the requests that it hits. */
  rate: z.number().gt(0).max(1).default(1),
  /** How many it hits before it is used up. */
  count: z.int().min(1).optional(),
  effect: Effect,
})

const Rule = RuleShape.refine(isPossible, {
  path: ['effect', 'kind'],
  message: 'captivePortal and wrongClock are for operations of the service side over HTTPS',
})

const Plan = z.strictObject({
  /** The same seed and the same requests give the same faults. */
  seed: z.int().default(1),
  rules: z.array(Rule).max(1000),
})

export type FaultEffect = z.output<typeof Effect>
export type FaultRule = z.output<typeof Rule>
export type FaultPlan = z.output<typeof Plan>
/** As it is written: what has a default may be absent. */
export type WrittenFaultPlan = z.input<typeof Plan>

/** Throws RangeError that names the place of the first mistake, such as `rules[2].effect.status`. */
export function parseFaultPlan(value: unknown): FaultPlan {
  const result = Plan.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new RangeError(`${placeOf(issue?.path ?? [])}: ${issue?.message ?? 'invalid'}`)
}

/** Throws RangeError for what is not JSON, with the text around the mistake. */
export function parseFaultText(text: string): FaultPlan {
  return parseFaultPlan(parseText(text))
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new RangeError(`not valid JSON: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}

function isPossible({ operation, effect: { kind } }: z.output<typeof RuleShape>): boolean {
  const isConnected = [...deviceOperations, ...amqpOperations].some((name) => name === operation)
  return !isConnected || (kind !== 'captivePortal' && kind !== 'wrongClock')
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return place === '' ? 'the plan' : place.replace(/^\./, '')
}
