import { z } from 'zod'
import { dialectNames, mostDevices } from './fleet-spec.ts'
import type { DialectMix, DialectName } from './fleet-spec.ts'
import { deviceFaults } from './light/faults.ts'

const Seconds = z.number().min(0).max(86_400)

/** Part of the devices of a group, from 0 to 1. */
const Share = z.number().min(0).max(1)

const Group = z
  .strictObject({
    count: z.int().min(1).max(mostDevices),
    /** `realAgent` is the agent that ships, on a simulated machine: behaviour in full, at fifty times the memory. */
    dialect: z.enum([...dialectNames, 'realAgent']),
    /** The devices are called so, with a number from 1. */
    namePrefix: z.string().regex(/^[A-Za-z0-9.%_*?!(),:=@$'-]{1,100}$/),
    firmwareVersion: z.string().min(1).max(64).default('1.0.0'),
    /** The same for each device of the group. */
    tags: z.record(z.string(), z.json()).default({}),
    /** Tags that the devices of the group have in turns. */
    spread: z.record(z.string(), z.array(z.json()).min(1)).default({}),
    /** How long a restart takes: between these two. */
    downSeconds: z.tuple([Seconds, Seconds]).default([2, 6]),
    /** How long each phase of an update takes. */
    phaseSeconds: Seconds.default(2),
    /** What is wrong with how many of them; no device has two faults. */
    faults: z.partialRecord(z.enum(deviceFaults), Share).default({}),
  })
  .refine(({ faults }) => sumOf(Object.values(faults)) <= 1, {
    path: ['faults'],
    error: 'the shares are more than 1 together',
  })
  .refine(({ dialect, faults }) => dialect !== 'realAgent' || Object.keys(faults).every(isOfRealAgents), {
    path: ['faults'],
    error: 'a realAgent can have neverReturns and offline only',
  })
  .refine(({ downSeconds: [least, most] }) => least <= most, {
    path: ['downSeconds'],
    error: 'the first number should not be the larger one',
  })

const Scenario = z
  .strictObject({
    /** The same seed gives the same devices. */
    seed: z.int().default(1),
    groups: z.array(Group).min(1).max(100),
  })
  .refine(({ groups }) => sumOf(groups.map(({ count }) => count)) <= mostDevices, {
    path: ['groups'],
    error: `the groups are more than ${mostDevices} devices together`,
  })

export type Scenario = z.output<typeof Scenario>
export type ScenarioGroup = Scenario['groups'][number]

/** Throws RangeError that names the place of the first mistake, such as `groups[1].faults`. */
export function parseScenario(value: unknown): Scenario {
  const result = Scenario.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new RangeError(`${placeOf(issue?.path ?? [])}: ${issue?.message ?? 'invalid'}`)
}

/** Throws RangeError for what is not JSON, with the text around the mistake. */
export function parseScenarioText(text: string): Scenario {
  return parseScenario(parseText(text))
}

/** So many devices, spread over the dialects by their shares, over three sites. */
export function scenarioOf(count: number, mix: DialectMix): Scenario {
  const shares = Object.entries(mix) as [DialectName, number][]
  const counts = countsOf(
    count,
    shares.map(([, share]) => share),
  )
  const groups = shares.flatMap(([dialect], index) => {
    const ofDialect = counts[index] ?? 0
    if (ofDialect === 0) return []
    const namePrefix = `${dialect.toLowerCase()}-`
    const spread = { site: ['busan', 'rotterdam', 'oslo'] }
    return [{ count: ofDialect, dialect, namePrefix, tags: { kind: dialect }, spread }]
  })
  return parseScenario({ groups })
}

/** Whole numbers in the proportion of the shares, `total` together: what is cut off goes to the largest remainders. */
export function countsOf(total: number, shares: readonly number[]): readonly number[] {
  const all = sumOf(shares)
  const exact = shares.map((share) => (total * share) / all)
  const counts = exact.map(Math.floor)
  const byRemainder = exact.map((value, index) => ({ index, remainder: value % 1 }))
  byRemainder.sort((left, right) => right.remainder - left.remainder)
  for (const { index } of byRemainder.slice(0, total - sumOf(counts)))
    counts[index] = (counts[index] ?? 0) + 1
  return counts
}

function isOfRealAgents(fault: string): boolean {
  return fault === 'neverReturns' || fault === 'offline'
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new RangeError(`not valid JSON: ${cause instanceof Error ? cause.message : ''}`, { cause })
  }
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return place === '' ? 'the scenario' : place.replace(/^\./, '')
}
