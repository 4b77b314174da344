import type { NewAction } from '../../contract/app/action.ts'
import type { CampaignFile } from '../../contract/app/campaign-file.ts'
import { DeviceId } from '../../contract/app/ids.ts'
import type { HubId } from '../../contract/app/ids.ts'
import type { ActionKind } from '../../contract/app/parameters.ts'
import type { Policy } from '../../contract/app/policy.ts'
import type { JsonObject } from './json.ts'

/** The most devices that a hub on this machine simulates. */
export const mostRehearsed = 50_000

const prefix = 'rehearsal-'

/** What goes wrong with the devices that misbehave, in which proportion; the words are the local hub's. */
const faultShares: Readonly<Record<string, number>> = {
  offline: 2,
  refuses: 2,
  neverReturns: 2,
  lies: 2,
  slow: 1,
  duplicates: 1,
}
const firmwareFaults: Readonly<Record<string, number>> = { ...faultShares, failsDownload: 2, rollsBack: 2 }

/** A fleet of as many devices as the campaign has, of which a share misbehaves, as a scenario of the local hub. */
export function rehearsalScenario({ deviceIds, parameters }: CampaignFile, faultShare: number): JsonObject {
  const count = Math.min(mostRehearsed, deviceIds.length)
  const faults = faultsOf(parameters.kind, faultShare)
  return { groups: [{ count, dialect: 'agent', namePrefix: prefix, faults }] }
}

function faultsOf(kind: ActionKind, faultShare: number): Record<string, number> {
  const shares = kind === 'firmwareUpdate' ? firmwareFaults : faultShares
  const all = Object.values(shares).reduce((sum, share) => sum + share, 0)
  // A little less than asked for: the shares must not add up to more than one by their rounding.
  const scale = (faultShare * 0.999_999) / all
  return Object.fromEntries(Object.entries(shares).map(([name, share]) => [name, share * scale]))
}

/** The ids of the devices in a rehearsal, as the local hub numbers them. */
export function rehearsalDevices({ deviceIds }: CampaignFile): DeviceId[] {
  const count = Math.min(mostRehearsed, deviceIds.length)
  const digits = Math.max(4, String(count).length)
  return Array.from({ length: count }, (_, index) =>
    DeviceId.parse(`${prefix}${String(index + 1).padStart(digits, '0')}`),
  )
}

/** In a rehearsal nobody waits for the night, nor longer than this between two waves. Milliseconds. */
const longestSoakMs = 10_000
const patienceMs = 10 * 60_000

/** The campaign as an action over the simulated devices. */
export function rehearsalAction(
  campaign: CampaignFile,
  hub: { hubId: HubId; name: string },
  now: Date,
): NewAction {
  const { name, parameters, deadlineMs, policy } = campaign
  const deviceIds = rehearsalDevices(campaign)
  return {
    hubId: hub.hubId,
    name,
    parameters,
    deadlineMs: Math.min(deadlineMs, patienceMs),
    deviceIds,
    confirmation: { count: deviceIds.length, hubName: hub.name },
    ...(policy ? { policy: hurriedPolicy(policy, now) } : {}),
  }
}

function hurriedPolicy({ window: _, ...policy }: Policy, now: Date): Policy {
  const gate = { ...policy.gate, soakMs: Math.min(policy.gate.soakMs, longestSoakMs) }
  if (policy.offline.mode !== 'wait') return { ...policy, gate }
  const deliverBy = new Date(now.getTime() + patienceMs).toISOString()
  return { ...policy, gate, offline: { mode: 'wait', deliverBy } }
}
