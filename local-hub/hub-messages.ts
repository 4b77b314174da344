import type { WrittenFaultPlan } from './faults/fault-plan.ts'
import { parseFleetSpec } from './fleet/fleet-spec.ts'
import type { FleetSpec } from './fleet/fleet-spec.ts'
import { checkTier } from './limits/tier.ts'
import type { Tier } from './limits/tier.ts'
import { policyNames } from './security/policies.ts'
import type { PolicyName } from './security/policies.ts'

/** What the parent process may say to the hub. */
export type ParentMessage =
  { readonly type: 'start'; readonly options: HubProcessOptions } | { readonly type: 'stop' }

export interface HubProcessOptions {
  readonly hostName?: string
  readonly httpsPort?: number
  readonly mqttsPort?: number
  readonly amqpsPort?: number
  /** Of the built-in endpoint, besides `$Default`. */
  readonly consumerGroups?: readonly string[]
  readonly queryLagMs?: number
  /** Where the hub keeps what it knows; absent means in memory only. */
  readonly dataFolder?: string
  /** Absent means no limits. */
  readonly tier?: Tier
  /** `LocalHub.start` checks what is in it. */
  readonly faults?: WrittenFaultPlan
  /** Read when the hub starts, in the place of `faults`. */
  readonly faultsFile?: string
  /** PEM of the authorities whose device certificates are trusted. */
  readonly deviceAuthorities?: readonly string[]
  /** A PEM file of more of them, read when the hub starts. */
  readonly deviceCaFile?: string
  /** Accepted as `Bearer` token of the service side; absent means none is. */
  readonly testToken?: string
  /** Simulated devices to start with the hub. */
  readonly fleet?: FleetSpec
}

/** What the hub answers. */
export type HubMessage = HubReady | { readonly type: 'failed'; readonly message: string }

export interface HubReady {
  readonly type: 'ready'
  readonly hostName: string
  readonly httpsPort: number
  readonly mqttsPort: number
  readonly amqpsPort: number
  /** PEM. */
  readonly caCertificate: string
  /** Of the policy `iothubowner`. */
  readonly connectionString: string
  /** One for each policy, to try out what a policy may not do. */
  readonly connectionStrings: Readonly<Record<PolicyName, string>>
  /** Of the policy `service`, for clients of Event Hubs. */
  readonly eventHubsConnectionString: string
}

/** Throws TypeError or RangeError naming what is wrong. */
export function parseParentMessage(message: unknown): ParentMessage {
  const { type, options } = objectOf('message', message)
  if (type === 'stop') return { type }
  if (type === 'start') return { type, options: parseOptions(options ?? {}) }
  throw new TypeError("A message is of the type 'start' or 'stop'.")
}

export function connectionStringsOf(
  connectionString: (policy: PolicyName) => string,
): HubReady['connectionStrings'] {
  const entries = policyNames.map((policy) => [policy, connectionString(policy)])
  return Object.fromEntries(entries) as HubReady['connectionStrings']
}

type Reader<Value> = (name: string, value: unknown) => Value

/** How each option is read, and that there is no other. */
const optionReaders: {
  readonly [Name in keyof HubProcessOptions]-?: Reader<NonNullable<HubProcessOptions[Name]>>
} = {
  hostName: textOf,
  httpsPort: countOf,
  mqttsPort: countOf,
  amqpsPort: countOf,
  consumerGroups: textsOf,
  queryLagMs: countOf,
  dataFolder: textOf,
  tier: parseTier,
  faults: (name, value) => objectOf(name, value) as unknown as WrittenFaultPlan,
  faultsFile: textOf,
  deviceAuthorities: textsOf,
  deviceCaFile: textOf,
  testToken: textOf,
  fleet: parseFleetSpec,
}

function parseOptions(value: unknown): HubProcessOptions {
  const given = objectOf('options', value)
  const read = Object.entries(optionReaders).flatMap(([name, reader]) =>
    given[name] === undefined ? [] : [[name, reader(name, given[name])]],
  )
  return Object.fromEntries(read) as HubProcessOptions
}

function parseTier(option: string, value: unknown): Tier {
  const { name, units = 1, burstSeconds } = objectOf(option, value)
  return checkTier({
    name: textOf('tier.name', name),
    units: countOf('tier.units', units),
    ...(burstSeconds !== undefined && { burstSeconds: numberOf('tier.burstSeconds', burstSeconds) }),
  })
}

function objectOf(name: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new TypeError(`${name} should be an object.`)
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError(`${name} should be a text.`)
}

function textsOf(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map((text) => textOf(name, text))
  throw new TypeError(`${name} should be a list of texts.`)
}

function countOf(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new TypeError(`${name} should be a whole number.`)
}

function numberOf(name: string, value: unknown): number {
  if (typeof value === 'number') return value
  throw new TypeError(`${name} should be a number.`)
}
