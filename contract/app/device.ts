import { z } from 'zod'
import { ActionKind } from './parameters.ts'
import { Phase, TargetStatus } from './target.ts'
import { ActionId, DeviceId, HubId, Instant } from './ids.ts'
import { Problem } from './problem.ts'

/** How a family of devices names methods and reports state. */
export const Dialect = z.enum([
  'drover',
  /** Microsoft's "Get started" tutorials and SDK samples, in both vocabularies, and the Java root `lastReboot`. */
  'tutorial',
  'configuration',
  'remote-monitoring',
  'windows-iot',
  /** A family that the user's own mapping file describes. */
  'mapped',
])
export type Dialect = z.infer<typeof Dialect>

/** What the last action on a device came to, so far. */
export const LastAction = z.object({
  actionId: ActionId,
  kind: ActionKind,
  status: TargetStatus,
  phase: Phase.optional(),
  at: Instant,
})
export type LastAction = z.infer<typeof LastAction>

/** One device of the fleet, as a row. Absent means that the hub or the device has not said. */
export const DeviceRow = z.object({
  deviceId: DeviceId,
  isEnabled: z.boolean(),
  isConnected: z.boolean(),
  lastActivityAt: Instant.optional(),
  firmwareVersion: z.string().optional(),
  /** Absent when the device has reported nothing that Drover recognises. */
  dialect: Dialect.optional(),
  lastAction: LastAction.optional(),
  /** How this row is known: `query` lags behind the twin (documented: up to 30 minutes), `twin` does not. */
  source: z.enum(['query', 'twin']),
  readAt: Instant,
})
export type DeviceRow = z.infer<typeof DeviceRow>

export const FleetState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('loading'), loaded: z.number().int() }),
  z.object({ kind: z.literal('ready'), asOf: Instant, isRefreshing: z.boolean() }),
  /** Rows that were read before the failure stay. */
  z.object({ kind: z.literal('failed'), problem: Problem, asOf: Instant.optional() }),
])
export type FleetState = z.infer<typeof FleetState>

/** What changed in the fleet since the previous value; the first value is a reset with everything. */
export const FleetChange = z.object({
  hubId: HubId,
  isReset: z.boolean(),
  rows: z.array(DeviceRow),
  removed: z.array(DeviceId),
  state: FleetState,
})
export type FleetChange = z.infer<typeof FleetChange>
