import { ActionSummary } from '../../contract/app/action.ts'
import type { ActionKind } from '../../contract/app/parameters.ts'
import { Policy } from '../../contract/app/policy.ts'
import type { Preflight } from '../../contract/app/preflight.ts'
import { TargetStatus, type Target, type TargetCounts } from '../../contract/app/target.ts'
import { DeviceRow } from '../../contract/app/device.ts'
import { HubProfile } from '../../contract/app/hub.ts'
import { ActionId, DeviceId, HubId } from '../../contract/app/ids.ts'
import type { CommandRequest } from '../stores/navigation.ts'

/** Noon of a day in UTC: what tests call now. */
export const noon = '2026-03-01T12:00:00.000Z'
export const localHubId = HubId.parse('local')

export function deviceId(text: string): DeviceId {
  return DeviceId.parse(text)
}

export function deviceRow(id: string, rest: Partial<DeviceRow> = {}): DeviceRow {
  const row = { deviceId: id, isEnabled: true, isConnected: true, source: 'query', readAt: noon }
  return { ...DeviceRow.parse(row), ...rest }
}

export function hubProfile(rest: Partial<HubProfile> = {}): HubProfile {
  const profile = { name: 'Local hub', hostName: 'localhost:8443', kind: 'local', policyName: 'service' }
  const state = { kind: 'ready' }
  const known = { ...profile, hubId: localHubId, state, notes: [], settings: {}, addedAt: noon }
  return { ...HubProfile.parse(known), ...rest }
}

export function commandRequest(kind: ActionKind, deviceIds: readonly DeviceId[]): CommandRequest {
  return { kind, hubId: localHubId, hubName: 'Local hub', deviceIds }
}

export function actionId(text: string): ActionId {
  return ActionId.parse(text)
}

export function target(id: string, rest: Partial<Target> = {}): Target {
  return { deviceId: deviceId(id), status: 'waiting', changedAt: noon, ...rest }
}

/** Counts of the given statuses; none of the others. */
export function counts(some: Partial<TargetCounts>): TargetCounts {
  const none = Object.fromEntries(TargetStatus.options.map((status) => [status, 0])) as TargetCounts
  return { ...none, ...some }
}

export function actionSummary(
  id: string,
  some: Partial<TargetCounts>,
  rest: Partial<ActionSummary> = {},
): ActionSummary {
  const all = counts(some)
  const total = Object.values(all).reduce((sum, count) => sum + count, 0)
  const known = {
    parameters: { kind: 'reboot' },
    hubId: localHubId,
    hubName: 'Local hub',
    createdAt: noon,
    createdBy: 'mina',
    engine: 'methods',
  }
  const summary = { ...known, actionId: id, deadlineMs: 60_000, status: 'running', total, counts: all }
  return { ...ActionSummary.parse(summary), ...rest }
}

/** A pre-flight with these verdicts, three billed messages a device, and nothing to warn of. */
export function preflightOf(verdicts: Preflight['verdicts'], rest: Partial<Preflight> = {}): Preflight {
  const messages = verdicts.length * 3
  const estimate = { durationMs: 12_000, boundBy: 'methods', messages, messagesPerDevice: 3 } as const
  return { hubName: 'Local hub', verdicts, estimate, warnings: [], ...rest }
}

/** All devices at once; what is offline is skipped. */
export function simplePolicy(rest: Partial<Policy> = {}): Policy {
  const policy = { waves: [], gate: { soakMs: 0, needsApproval: false }, offline: { mode: 'skip' } }
  return { ...Policy.parse(policy), ...rest }
}
