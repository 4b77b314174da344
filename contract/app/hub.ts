import { z } from 'zod'
import { HubId, Instant, TagPath } from './ids.ts'
import { Problem } from './problem.ts'

/** Where the credential of a hub lives: kept by the operating system, or in memory until the app closes. */
export const Protection = z.enum(['kept', 'session'])
export type Protection = z.infer<typeof Protection>

/** What an administrator should know about a hub's credential. */
export const HubNote = z.enum(['owner-policy', 'session-only'])
export type HubNote = z.infer<typeof HubNote>

/** A hub on this machine is `idle` until it is selected; selecting one that has failed starts it again. */
export const HubState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('idle') }),
  z.object({ kind: z.literal('starting') }),
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), problem: Problem }),
])
export type HubState = z.infer<typeof HubState>

/** A hub's edition: its documented quotas follow from it. */
export const HubTier = z.object({
  sku: z.enum(['F1', 'S1', 'S2', 'S3']),
  units: z.number().int().min(1).max(200),
})
export type HubTier = z.infer<typeof HubTier>

/** What a service credential cannot learn of its hub. */
export const HubSettings = z.object({
  /** One unit of S1 is assumed when left out. */
  tier: HubTier.optional(),
  /** Devices that share the value of this tag stand in for each other: `rack`, say. */
  redundancyTag: TagPath.optional(),
  /** The hub's routes send twin changes to the built-in endpoint, which this policy may read: following costs less. */
  followEvents: z.boolean().optional(),
})
export type HubSettings = z.infer<typeof HubSettings>

/** The ids of the hubs that the app starts itself: of the one with the demo devices, and what those of rehearsals begin with. */
export const ownHubIds = { local: 'local', rehearsal: 'rehearsal-' } as const

/** A hub that the app can talk to. Its credential stays in the main process. */
export const HubProfile = z.object({
  hubId: HubId,
  name: z.string(),
  hostName: z.string(),
  /** `local` is the hub on this machine that the app started itself. */
  kind: z.enum(['local', 'azure']),
  /** A local hub of its own for one rehearsal, which ends when it is removed. */
  isRehearsal: z.boolean().optional(),
  policyName: z.string(),
  state: HubState,
  notes: z.array(HubNote),
  settings: HubSettings,
  addedAt: Instant,
})
export type HubProfile = z.infer<typeof HubProfile>

/**
 * Which of the hubs that the app starts itself it is, by its id, also of one that is gone by now. Such a hub has no name
 * that a person gave it: each language has a word for it.
 */
export function ownHub(hubId: HubId): 'local' | 'rehearsal' | undefined {
  if (hubId === ownHubIds.local) return 'local'
  return hubId.startsWith(ownHubIds.rehearsal) ? 'rehearsal' : undefined
}

export const HubList = z.object({ hubs: z.array(HubProfile), selected: HubId.optional() })
export type HubList = z.infer<typeof HubList>

export const NewHub = z.object({
  connectionString: z.string().max(4096),
  /** What the person calls this hub; its host name when left out. */
  name: z.string().trim().max(64).optional(),
  /** PEM certificates to trust beside the system's, for a TLS-inspecting proxy or a hub on this machine. */
  extraCa: z.string().max(65_536).optional(),
  /** Ask the hub for one device before saving, so that a wrong key is found now. */
  check: z.boolean(),
})
export type NewHub = z.infer<typeof NewHub>
