import type { HubNote, HubProfile, Protection } from '../../contract/app/hub.ts'
import { HubId } from '../../contract/app/ids.ts'
import { problemOf } from '../../contract/app/problem.ts'
import { fault } from '../../contract/faults.ts'
import { parseConnectionString, type HubConnection } from '../domain/connection-string.ts'
import type { Clock } from '../ports/clock.ts'
import type { HubGateway } from '../ports/hub-gateway.ts'
import type { Log } from '../ports/log.ts'
import type { StoredHub } from '../ports/profile-store.ts'
import type { SecretStore } from '../ports/secret-store.ts'

export type OpenGateway = (connection: HubConnection, extraCa?: string) => HubGateway

export interface VaultTools {
  readonly secrets: SecretStore
  readonly openGateway: OpenGateway
  readonly newId: () => string
  readonly clock: Clock
  readonly log: Log
}

/** A hub with what must not leave the main process. */
export interface KnownHub {
  readonly profile: HubProfile
  readonly gateway: HubGateway | undefined
  /** Absent where the credential could not be opened, and for the hub on this machine. */
  readonly connection: HubConnection | undefined
  /** Absent for the local hub, and for a hub whose credential is kept for this session only. */
  readonly stored: StoredHub | undefined
}

interface FreshHub {
  readonly connection: HubConnection
  readonly connectionString: string
  readonly name: string | undefined
  readonly extraCa: string | undefined
  /** The hub of which this is a new key. */
  readonly renews: HubProfile | undefined
}

/** Turns connection strings into connections and sealed profiles. What it is given as plain text it does not keep. */
export class HubVault {
  readonly #tools: VaultTools

  constructor(tools: VaultTools) {
    this.#tools = tools
  }

  /** Errors: `invalid-input` for a certificate that is none. Nothing is sent yet. */
  open(connection: HubConnection, extraCa: string | undefined): HubGateway {
    try {
      return this.#tools.openGateway(connection, extraCa)
    } catch (cause) {
      throw fault('ca-certificate', {}, { cause })
    }
  }

  /**
   * Seals a hub's connection string where the system can; otherwise nothing is to be written to disk. A hub whose key
   * is renewed stays the hub that it was.
   */
  async keep(fresh: FreshHub): Promise<Omit<KnownHub, 'gateway'>> {
    const { connection, connectionString, extraCa, renews } = fresh
    const protection = await this.#tools.secrets.protection()
    const { hostName, policyName } = connection
    const named = { ...this.#identity(fresh), hostName, policyName }
    const settings = renews?.settings ?? {}
    const profile: HubProfile = {
      ...named,
      settings,
      kind: 'azure',
      state: { kind: 'ready' },
      notes: notesOf(policyName, protection),
    }
    if (protection === 'session') return { profile, connection, stored: undefined }
    const sealedConnectionString = await this.#tools.secrets.seal(connectionString)
    return { profile, connection, stored: { ...named, settings, extraCa, sealedConnectionString } }
  }

  #identity({ connection, name, renews }: FreshHub): Pick<HubProfile, 'hubId' | 'name' | 'addedAt'> {
    const said = name === undefined || name === '' ? undefined : name
    if (renews) return { hubId: renews.hubId, name: said ?? renews.name, addedAt: renews.addedAt }
    const { newId, clock } = this.#tools
    return {
      hubId: HubId.parse(newId()),
      name: said ?? connection.hostName,
      addedAt: clock.now().toISOString(),
    }
  }

  /** A hub of an earlier session. One whose credential cannot be opened any more stays, and says so. */
  async reopen(stored: StoredHub): Promise<KnownHub> {
    const { hubId, name, hostName, policyName, addedAt, extraCa, settings = {} } = stored
    const notes = notesOf(policyName, 'kept')
    const base = {
      hubId: HubId.parse(hubId),
      name,
      hostName,
      kind: 'azure',
      policyName,
      notes,
      settings,
      addedAt,
    } as const
    try {
      const connection = parseConnectionString(await this.#tools.secrets.open(stored.sealedConnectionString))
      return {
        profile: { ...base, state: { kind: 'ready' } },
        gateway: this.open(connection, extraCa),
        connection,
        stored,
      }
    } catch (error) {
      this.#tools.log.warn('hub-reopen-failed', {
        hubId,
        error: error instanceof Error ? error.name : typeof error,
      })
      return {
        profile: { ...base, state: { kind: 'failed', problem: problemOf(fault('hub-sealed-elsewhere')) } },
        gateway: undefined,
        connection: undefined,
        stored,
      }
    }
  }
}

/** The owner's policy can do everything; Drover needs no more than to connect to the service. */
function notesOf(policyName: string, protection: Protection): HubNote[] {
  const owner = policyName === 'iothubowner' ? (['owner-policy'] as const) : []
  return protection === 'session' ? [...owner, 'session-only'] : [...owner]
}
