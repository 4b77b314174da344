import type { HubSettings } from '../../contract/app/hub.ts'

/** What is kept about a hub between two starts. The connection string is sealed; see SecretStore. */
export interface StoredHub {
  readonly hubId: string
  readonly name: string
  readonly hostName: string
  readonly policyName: string
  readonly addedAt: string
  readonly sealedConnectionString: string
  readonly extraCa?: string | undefined
  readonly settings?: HubSettings | undefined
}

export interface StoredProfiles {
  readonly hubs: readonly StoredHub[]
  readonly selected?: string | undefined
  /** What the person has said of the hub on this machine. */
  readonly local?: HubSettings | undefined
}

export interface ProfileStore {
  load(): Promise<StoredProfiles>
  /** Resolves once it is on the disk; a crash leaves the old or the new, never half of one. */
  save(profiles: StoredProfiles): Promise<void>
}
