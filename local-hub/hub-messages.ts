import type { WrittenFaultPlan } from './faults/fault-plan.ts'
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
  readonly queryLagMs?: number
  /** Absent means no limits. */
  readonly tier?: Tier
  /** `LocalHub.start` checks what is in it. */
  readonly faults?: WrittenFaultPlan
  /** Read when the hub starts, in the place of `faults`. */
  readonly faultsFile?: string
  /** Simulated devices to start with the hub. */
  readonly fleet?: FleetSpec
}

export interface FleetSpec {
  readonly name: 'demo'
}

/** What the hub answers. */
export type HubMessage = HubReady | { readonly type: 'failed'; readonly message: string }

export interface HubReady {
  readonly type: 'ready'
  readonly hostName: string
  readonly httpsPort: number
  readonly mqttsPort: number
  /** PEM. */
  readonly caCertificate: string
  /** Of the policy `iothubowner`. */
  readonly connectionString: string
  /** One for each policy, to try out what a policy may not do. */
  readonly connectionStrings: Readonly<Record<PolicyName, string>>
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

function parseOptions(value: unknown): HubProcessOptions {
  const { hostName, httpsPort, mqttsPort, queryLagMs, tier, faults, faultsFile, fleet } = objectOf(
    'options',
    value,
  )
  return {
    ...(hostName !== undefined && { hostName: textOf('hostName', hostName) }),
    ...(httpsPort !== undefined && { httpsPort: countOf('httpsPort', httpsPort) }),
    ...(mqttsPort !== undefined && { mqttsPort: countOf('mqttsPort', mqttsPort) }),
    ...(queryLagMs !== undefined && { queryLagMs: countOf('queryLagMs', queryLagMs) }),
    ...(tier !== undefined && { tier: parseTier(tier) }),
    ...(faults !== undefined && { faults: objectOf('faults', faults) as unknown as WrittenFaultPlan }),
    ...(faultsFile !== undefined && { faultsFile: textOf('faultsFile', faultsFile) }),
    ...(fleet !== undefined && { fleet: parseFleet(fleet) }),
  }
}

function parseFleet(value: unknown): FleetSpec {
  const { name } = objectOf('fleet', value)
  if (name !== 'demo') throw new TypeError("The only fleet is 'demo'.")
  return { name }
}

function parseTier(value: unknown): Tier {
  const { name, units = 1, burstSeconds } = objectOf('tier', value)
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

function countOf(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new TypeError(`${name} should be a whole number.`)
}

function numberOf(name: string, value: unknown): number {
  if (typeof value === 'number') return value
  throw new TypeError(`${name} should be a number.`)
}
