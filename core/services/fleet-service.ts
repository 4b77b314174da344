import type { DeviceRow, FleetChange } from '../../contract/app/device.ts'
import type { HubSettings } from '../../contract/app/hub.ts'
import type { DeviceId, HubId, TagPath } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import type { DialectRules } from '../domain/dialects/dialect.ts'
import type { HubDevice } from '../domain/device-row.ts'
import type { TwinPath } from '../domain/fleet-query.ts'
import type { Clock } from '../ports/clock.ts'
import type { HubGateway } from '../ports/hub-gateway.ts'
import type { Log } from '../ports/log.ts'
import type { ActionStore } from './action-store.ts'
import { Fleet, type KnownDevice } from './fleet.ts'
import { toProblem } from './problem.ts'
import { Signal } from './signal.ts'

/** Gives access to the hubs that are saved. */
export interface HubAccess {
  kindOf(hubId: HubId): 'local' | 'azure'
  settingsOf(hubId: HubId): HubSettings
  /** Waits for a hub that is starting. Errors: `not-found`, and why the hub failed. */
  gateway(hubId: HubId, signal: AbortSignal): Promise<HubGateway>
}

interface FleetTools {
  readonly hubs: HubAccess
  readonly actions: ActionStore
  /** How families of devices speak; the user's own mapping file may come and go. */
  readonly dialects: () => readonly DialectRules[]
  readonly clock: Clock
  readonly log: Log
}

interface Reading {
  readonly fleet: Fleet
  readonly refresh: Signal
  /** The time-zone tags of campaigns. */
  readonly tags: Set<TagPath>
  watchers: number
  stop: AbortController | undefined
}

/**
 * How often the fleet is read again by itself, and by how much a query may be older than get-twin. Azure bills a
 * query by its size and allows 20 a minute; documented lag is up to 30 minutes, most often a few seconds.
 */
const reading = {
  local: { everyMs: 2_000, lag: { usualMs: 0, mostMs: 0 } },
  azure: { everyMs: 60_000, lag: { usualMs: 60_000, mostMs: 30 * 60_000 } },
} as const

/** The devices of each hub, read page by page while somebody watches. */
export class FleetService {
  readonly #tools: FleetTools
  readonly #readings = new Map<HubId, Reading>()
  readonly #firstReadListeners: ((hubId: HubId) => void)[] = []
  readonly #returnListeners: ((hubId: HubId, deviceId: DeviceId) => void)[] = []

  constructor(tools: FleetTools) {
    this.#tools = tools
    tools.actions.onTarget((hubId, deviceId) => this.#readings.get(hubId)?.fleet.touch(deviceId))
  }

  /** Called when the devices of a hub have been read for the first time since the app started. */
  onFirstRead(listener: (hubId: HubId) => void): void {
    this.#firstReadListeners.push(listener)
  }

  /** Called when a device is connected that was not before. */
  onReturn(listener: (hubId: HubId, deviceId: DeviceId) => void): void {
    this.#returnListeners.push(listener)
  }

  /** Resolves when the tag is known of each device that has it. Errors: those of the hub. */
  async needTag(hubId: HubId, path: TagPath, signal: AbortSignal): Promise<void> {
    const current = this.#readingOf(hubId)
    if (current.tags.has(path)) return
    current.tags.add(path)
    try {
      await this.#list(await this.#tools.hubs.gateway(hubId, signal), current.fleet, signal)
    } catch (error) {
      current.tags.delete(path)
      throw error
    }
  }

  tagOf(hubId: HubId, deviceId: DeviceId, path: TagPath): string | undefined {
    return this.knownDevice(hubId, deviceId)?.tags?.get(path)
  }

  /** How many devices of the fleet have each value of the tag. */
  tagCounts(hubId: HubId, path: TagPath): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { tags } of this.#readings.get(hubId)?.fleet.devices.values() ?? []) {
      const value = tags?.get(path)
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    return counts
  }

  rowOf(hubId: HubId, deviceId: DeviceId): DeviceRow | undefined {
    return this.knownDevice(hubId, deviceId)?.row
  }

  knownDevice(hubId: HubId, deviceId: DeviceId): KnownDevice | undefined {
    return this.#readings.get(hubId)?.fleet.devices.get(deviceId)
  }

  /** What get-twin told about a device that somebody follows. */
  observe(hubId: HubId, device: HubDevice, readAt: string): void {
    this.#readings.get(hubId)?.fleet.learn(device, 'twin', readAt)
  }

  /** Asks for a reading now; what it brings comes to the watchers. */
  refresh(hubId: HubId): Promise<void> {
    this.#readings.get(hubId)?.refresh.notify()
    return Promise.resolve()
  }

  /** Everything first, then what changes; the hub is read only while somebody watches. */
  async *watch(hubId: HubId, signal: AbortSignal): AsyncGenerator<FleetChange> {
    const current = this.#readingOf(hubId)
    this.#enter(hubId, current)
    try {
      let seenDevices: number | undefined
      while (!signal.aborted) {
        const { version } = current.fleet
        const change = current.fleet.changesSince(seenDevices)
        seenDevices = current.fleet.devices.version
        yield { ...change, rows: change.rows.map((row) => this.#withLastAction(hubId, row)) }
        if (current.fleet.version === version) await current.fleet.changed.next(signal)
      }
    } finally {
      this.#leave(current)
    }
  }

  /** Forgets a hub that was removed. */
  forget(hubId: HubId): void {
    this.#readings.get(hubId)?.stop?.abort()
    this.#readings.delete(hubId)
  }

  #withLastAction(hubId: HubId, row: DeviceRow): DeviceRow {
    const lastAction = this.#tools.actions.lastActionOf(hubId, row.deviceId)
    return lastAction ? { ...row, lastAction } : row
  }

  #readingOf(hubId: HubId): Reading {
    const known = this.#readings.get(hubId)
    if (known) return known
    const { lag } = reading[this.#tools.hubs.kindOf(hubId)]
    const fresh: Reading = {
      fleet: new Fleet({
        ...{ hubId, lag, dialects: this.#tools.dialects },
        tagPaths: () => this.#tagPaths(hubId),
        onReturn: (deviceId) => {
          for (const listener of this.#returnListeners) listener(hubId, deviceId)
        },
      }),
      tags: new Set(),
      refresh: new Signal(),
      watchers: 0,
      stop: undefined,
    }
    this.#readings.set(hubId, fresh)
    return fresh
  }

  #enter(hubId: HubId, current: Reading): void {
    current.watchers += 1
    if (current.stop) return
    const stop = new AbortController()
    current.stop = stop
    void this.#keepReading(hubId, current, stop.signal)
  }

  #leave(current: Reading): void {
    current.watchers -= 1
    if (current.watchers > 0) return
    current.stop?.abort()
    current.stop = undefined
  }

  async #keepReading(hubId: HubId, current: Reading, signal: AbortSignal): Promise<void> {
    const { everyMs } = reading[this.#tools.hubs.kindOf(hubId)]
    while (!signal.aborted) {
      await this.#readOnce(hubId, current.fleet, signal)
      const waiting = new AbortController()
      const either = AbortSignal.any([signal, waiting.signal])
      await Promise.race([this.#tools.clock.wait(everyMs, either), current.refresh.next(either)])
      waiting.abort()
    }
  }

  async #readOnce(hubId: HubId, fleet: Fleet, signal: AbortSignal): Promise<void> {
    const { hubs, log } = this.#tools
    if (fleet.state.kind === 'ready') fleet.state = { ...fleet.state, isRefreshing: true }
    try {
      const isFirst = fleet.state.kind === 'loading'
      await this.#list(await hubs.gateway(hubId, signal), fleet, signal)
      if (isFirst) for (const listener of this.#firstReadListeners) listener(hubId)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof AppError)) log.bug('fleet-read', error)
      const asOf = fleet.state.kind === 'loading' ? undefined : fleet.state.asOf
      fleet.state = { kind: 'failed', problem: toProblem(error), ...(asOf ? { asOf } : {}) }
    }
  }

  /** What of each twin the rows, the verdicts and the warnings need. */
  #paths(hubId: HubId): TwinPath[] {
    const reported = this.#tools.dialects().flatMap(({ paths }) => paths)
    const tags = this.#tagPaths(hubId).map((path) => ['tags', ...path.split('.')])
    return [...reported.map((path) => ['properties', 'reported', ...path]), ...tags]
  }

  #tagPaths(hubId: HubId): TagPath[] {
    const { redundancyTag } = this.#tools.hubs.settingsOf(hubId)
    const asked = this.#readings.get(hubId)?.tags ?? []
    return [...new Set([...asked, ...(redundancyTag === undefined ? [] : [redundancyTag])])]
  }

  async #list(gateway: HubGateway, fleet: Fleet, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#tools
    const seen = new Set<DeviceId>()
    let unreadable = 0
    for await (const page of gateway.listDevices(this.#paths(fleet.hubId), signal)) {
      const readAt = clock.now().toISOString()
      for (const device of page) {
        const deviceId = fleet.learn(device, 'query', readAt)
        if (deviceId) seen.add(deviceId)
        else unreadable += 1
      }
      if (fleet.state.kind === 'loading') fleet.state = { kind: 'loading', loaded: seen.size }
    }
    if (unreadable > 0) log.warn('devices-unreadable', { count: unreadable })
    const asOf = clock.now().toISOString()
    fleet.keepOnly(seen, asOf)
    fleet.state = { kind: 'ready', asOf, isRefreshing: false }
  }
}
