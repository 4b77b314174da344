import {
  ownHubIds,
  type HubList,
  type HubProfile,
  type HubSettings,
  type HubState,
  type NewHub,
} from '../../contract/app/hub.ts'
import { HubId } from '../../contract/app/ids.ts'
import { errorOf, problemOf } from '../../contract/app/problem.ts'
import { fault } from '../../contract/faults.ts'
import { parseConnectionString, type HubConnection } from '../domain/connection-string.ts'
import type { JsonObject } from '../domain/json.ts'
import type { Clock } from '../ports/clock.ts'
import type { HubGateway } from '../ports/hub-gateway.ts'
import type { LocalHubProcess } from '../ports/local-hub-process.ts'
import type { ProfileStore } from '../ports/profile-store.ts'
import type { HubAccess } from './fleet-service.ts'
import { HubVault, type KnownHub, type VaultTools } from './hub-vault.ts'
import { Signal } from './signal.ts'

export interface HubTools extends VaultTools {
  readonly profiles: ProfileStore
  readonly localHub: LocalHubProcess
  /** Where campaigns are rehearsed, beside the hub with the demo devices. */
  readonly rehearsalHub: LocalHubProcess
}

export const localHubId = HubId.parse(ownHubIds.local)

/** The hubs that the app knows, and the connections to them.  */
export class HubService implements HubAccess {
  readonly changed = new Signal()
  readonly #tools: HubTools
  readonly #hubs = new Map<HubId, KnownHub>()
  readonly #vault: HubVault
  #selected: HubId = localHubId
  #rehearsal: HubId | undefined
  #version = 0

  private constructor(tools: HubTools) {
    this.#tools = tools
    this.#vault = new HubVault(tools)
    const nothing = { gateway: undefined, connection: undefined, stored: undefined }
    this.#hubs.set(localHubId, { profile: localProfile(tools.clock), ...nothing })
    tools.localHub.onExit(() => this.#lose(localHubId))
    tools.rehearsalHub.onExit(() => this.#rehearsal && this.#lose(this.#rehearsal))
  }

  /** Reads the saved hubs and selects the one that was selected last; with none saved, the hub on this machine. */
  static async open(tools: HubTools): Promise<HubService> {
    const service = new HubService(tools)
    const { hubs, selected, local } = await tools.profiles.load()
    service.#setSettings(localHubId, local ?? {})
    for (const stored of hubs)
      service.#hubs.set(HubId.parse(stored.hubId), await service.#vault.reopen(stored))
    const last = HubId.safeParse(selected)
    if (last.success && service.#hubs.has(last.data)) service.#selected = last.data
    if (service.#selected === localHubId) void service.#startLocalHub()
    return service
  }

  async *watch(signal: AbortSignal): AsyncGenerator<HubList> {
    while (!signal.aborted) {
      const version = this.#version
      yield { hubs: [...this.#hubs.values()].map(({ profile }) => profile), selected: this.#selected }
      if (this.#version === version) await this.changed.next(signal)
    }
  }

  profile(hubId: HubId): HubProfile {
    return this.#known(hubId).profile
  }

  kindOf(hubId: HubId): 'local' | 'azure' {
    return this.#known(hubId).profile.kind
  }

  settingsOf(hubId: HubId): HubSettings {
    return this.#known(hubId).profile.settings
  }

  async gateway(hubId: HubId, signal: AbortSignal): Promise<HubGateway> {
    for (;;) {
      const { gateway, profile } = this.#known(hubId)
      if (gateway) return gateway
      const { state } = profile
      if (state.kind === 'failed') throw errorOf(state.problem)
      signal.throwIfAborted()
      await this.changed.next(signal)
    }
  }

  /**
   * The same hub and policy with another key renews the key. Errors: what is wrong with the connection string, and why
   * the hub does not take it; then nothing is saved.
   */
  async add({ connectionString, name, extraCa, check }: NewHub, signal: AbortSignal): Promise<HubProfile> {
    const connection = parseConnectionString(connectionString)
    const known = this.#refuseTwice(connection)
    const gateway = this.#vault.open(connection, extraCa)
    try {
      if (check) await gateway.check(signal)
      const fresh = { connection, connectionString, name, extraCa, renews: known?.profile }
      const hub = await this.#vault.keep(fresh)
      const { hubId } = hub.profile
      this.#hubs.set(hubId, { ...hub, gateway })
      known?.gateway?.close()
      await this.select(hubId)
      return hub.profile
    } catch (error) {
      gateway.close()
      throw error
    }
  }

  async configure(hubId: HubId, settings: HubSettings): Promise<void> {
    this.#setSettings(hubId, settings)
    await this.#save()
  }

  async select(hubId: HubId): Promise<void> {
    const { profile } = this.#known(hubId)
    this.#selected = hubId
    this.#notify()
    await this.#save()
    const { kind } = profile.state
    if (hubId === localHubId && (kind === 'idle' || kind === 'failed')) void this.#startLocalHub()
  }

  /** The hub of the rehearsal that there is. */
  get rehearsal(): HubId | undefined {
    return this.#rehearsal
  }

  /**
   * Starts a hub of its own for a rehearsal, under an id of its own: what was journaled of an earlier one is about other
   * devices. That one ends. Errors: why it did not start; then there is none.
   */
  async rehearseOn(scenario: JsonObject): Promise<HubProfile> {
    const { clock, newId, rehearsalHub } = this.#tools
    if (this.#rehearsal) await this.remove(this.#rehearsal)
    const hubId = HubId.parse(`${ownHubIds.rehearsal}${newId()}`)
    const profile = { ...localProfile(clock), hubId, name: 'Rehearsal', isRehearsal: true }
    this.#hubs.set(hubId, { profile, gateway: undefined, connection: undefined, stored: undefined })
    this.#rehearsal = hubId
    await this.#startOnThisMachine(hubId, rehearsalHub, scenario)
    try {
      await this.gateway(hubId, new AbortController().signal)
    } catch (error) {
      await this.remove(hubId)
      throw error
    }
    await this.select(hubId)
    return this.profile(hubId)
  }

  async remove(hubId: HubId): Promise<void> {
    if (hubId === localHubId) throw fault('local-hub-stays')
    this.#known(hubId).gateway?.close()
    this.#hubs.delete(hubId)
    if (this.#rehearsal === hubId) await this.#endRehearsal()
    if (this.#selected === hubId) await this.select(localHubId)
    else await this.#save()
    this.#notify()
  }

  async close(): Promise<void> {
    for (const { gateway } of this.#hubs.values()) gateway?.close()
    const { localHub, rehearsalHub } = this.#tools
    await Promise.all([localHub.stop(), rehearsalHub.stop()])
  }

  /** Its process, and with it its devices. */
  async #endRehearsal(): Promise<void> {
    this.#rehearsal = undefined
    await this.#tools.rehearsalHub.stop()
  }

  #known(hubId: HubId): KnownHub {
    const hub = this.#hubs.get(hubId)
    if (!hub) throw fault('hub-unknown')
    return hub
  }

  #setSettings(hubId: HubId, settings: HubSettings): void {
    const { profile, stored, ...hub } = this.#known(hubId)
    this.#hubs.set(hubId, {
      ...hub,
      profile: { ...profile, settings },
      stored: stored && { ...stored, settings },
    })
    this.#notify()
  }

  /** The hub whose key this would renew. Errors: `conflict` where the key is the same. */
  #refuseTwice({ hostName, policyName, sharedAccessKey }: HubConnection): KnownHub | undefined {
    const known = [...this.#hubs.values()].find(
      ({ profile }) =>
        profile.kind === 'azure' && profile.hostName === hostName && profile.policyName === policyName,
    )
    if (known?.connection?.sharedAccessKey === sharedAccessKey) {
      throw fault('hub-here-already', { hostName, policyName })
    }
    return known
  }

  #startLocalHub(): Promise<void> {
    return this.#startOnThisMachine(localHubId, this.#tools.localHub)
  }

  async #startOnThisMachine(hubId: HubId, hub: LocalHubProcess, scenario?: JsonObject): Promise<void> {
    this.#setState(hubId, { kind: 'starting' })
    try {
      const { connectionString, hostName, httpsPort, caCertificate } = await hub.start(scenario)
      const connection = {
        ...parseConnectionString(connectionString),
        gateway: { host: '127.0.0.1', port: httpsPort },
      }
      this.#setState(hubId, { kind: 'ready' }, this.#vault.open({ ...connection, hostName }, caCertificate))
    } catch (error) {
      this.#tools.log.bug('local-hub-start', error)
      this.#setState(hubId, { kind: 'failed', problem: problemOf(fault('local-hub-not-started')) })
    }
  }

  #lose(hubId: HubId): void {
    this.#setState(hubId, { kind: 'failed', problem: problemOf(fault('local-hub-stopped')) })
  }

  /** A hub that was removed while it started has no state any more. */
  #setState(hubId: HubId, state: HubState, gateway?: HubGateway): void {
    const hub = this.#hubs.get(hubId)
    if (!hub) return gateway?.close()
    if (hub.gateway !== gateway) hub.gateway?.close()
    this.#hubs.set(hubId, { ...hub, gateway, profile: { ...hub.profile, state } })
    this.#notify()
  }

  async #save(): Promise<void> {
    const hubs = [...this.#hubs.values()].flatMap(({ stored }) => (stored ? [stored] : []))
    const local = this.#known(localHubId).profile.settings
    await this.#tools.profiles.save({ hubs, selected: this.#selected, local })
  }

  #notify(): void {
    this.#version += 1
    this.changed.notify()
  }
}

function localProfile(clock: Clock): HubProfile {
  return {
    hubId: localHubId,
    name: 'Local hub',
    hostName: 'on this machine',
    kind: 'local',
    policyName: 'serviceAndRegistryRead',
    state: { kind: 'idle' },
    notes: [],
    settings: {},
    addedAt: clock.now().toISOString(),
  }
}
