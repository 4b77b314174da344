import type { DeviceId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import type { JournalRecord } from '../domain/journal-record.ts'
import { isJsonObject, type Json, type JsonObject } from '../domain/json.ts'
import type {
  AskedReports,
  DeviceTwin,
  HubGateway,
  MethodAnswer,
  MethodCall,
  QueriedDevice,
  StatusCount,
  TwinPatch,
} from '../ports/hub-gateway.ts'
import { FakeEvents } from './fake-events.ts'
import { FakeJobs } from './fake-jobs.ts'
import type { ChainCheck, Journal, NumberedRecord, RecordFilter } from '../ports/journal.ts'
import type { LocalHubAccess, LocalHubProcess } from '../ports/local-hub-process.ts'
import type { Log } from '../ports/log.ts'
import type { ProfileStore, StoredProfiles } from '../ports/profile-store.ts'
import type { SecretStore } from '../ports/secret-store.ts'

/** What was appended, in order; `onAppend` sees each record before it counts as durable. */
export class FakeJournal implements Journal {
  readonly records: JournalRecord[]
  onAppend: (record: JournalRecord) => void = () => {}

  constructor(records: readonly JournalRecord[] = []) {
    this.records = [...records]
  }

  get length(): number {
    return this.records.length
  }

  async *read(): AsyncGenerator<readonly JournalRecord[]> {
    yield await Promise.resolve([...this.records])
  }

  async *readBackwards(before: number, filter: RecordFilter): AsyncGenerator<NumberedRecord> {
    const all: NumberedRecord[] = []
    for await (const each of this.readForwards(filter)) all.push(each)
    yield* all.filter(({ number }) => number < before).reverse()
  }

  async *readForwards({ actionId, deviceId }: RecordFilter): AsyncGenerator<NumberedRecord> {
    for (const [index, record] of this.records.entries()) {
      if (actionId !== undefined && record.actionId !== actionId) continue
      if (deviceId !== undefined && !('deviceId' in record && record.deviceId === deviceId)) continue
      yield await Promise.resolve({ number: index + 1, record })
    }
  }

  verify(): Promise<ChainCheck> {
    return Promise.resolve({ isWhole: true, records: this.length, head: 'fake' })
  }

  async append(record: JournalRecord): Promise<void> {
    await Promise.resolve()
    this.onAppend(record)
    this.records.push(record)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

export class FakeLog implements Log {
  readonly bugs: unknown[] = []
  readonly warnings: string[] = []

  info(): void {}

  warn(event: string): void {
    this.warnings.push(event)
  }

  bug(_event: string, error: unknown): void {
    this.bugs.push(error)
  }
}

export type FakeDevice = Partial<DeviceTwin> & {
  /** What the device answers, or the error that the hub gives instead. */
  answer?: (call: MethodCall) => MethodAnswer | AppError
}

/** A hub in memory: what it is told is what it tells. */
export class FakeHub implements HubGateway {
  readonly hostName = 'fake.azure-devices.net'
  readonly devices = new Map<string, FakeDevice>()
  readonly jobs = new FakeJobs()
  readonly events = new FakeEvents()
  readonly calls: MethodCall[] = []
  /** The devices whose twins were read, in order. */
  readonly reads: DeviceId[] = []
  /** Called before each method, as the hub's own eye. */
  onCall: (call: MethodCall) => void = () => {}
  failListing: AppError | undefined
  failCheck: AppError | undefined
  listings = 0
  isClosed = false

  add(deviceId: string, device: FakeDevice = {}): this {
    this.devices.set(deviceId, device)
    return this
  }

  async *listDevices(): AsyncGenerator<readonly QueriedDevice[]> {
    this.listings += 1
    await Promise.resolve()
    if (this.failListing) throw this.failListing
    yield [...this.devices.keys()].map((deviceId) => this.#twin(deviceId))
  }

  /** What the index of the hub says next; an error is thrown. */
  indexed: readonly StatusCount[] | AppError = []
  readonly counted: AskedReports[] = []

  countReports(asked: AskedReports): Promise<readonly StatusCount[]> {
    this.counted.push(asked)
    return this.indexed instanceof AppError ? Promise.reject(this.indexed) : Promise.resolve(this.indexed)
  }

  check(): Promise<void> {
    return this.failCheck ? Promise.reject(this.failCheck) : Promise.resolve()
  }

  async readTwin(deviceId: DeviceId, _signal?: AbortSignal): Promise<DeviceTwin> {
    this.reads.push(deviceId)
    await Promise.resolve()
    if (!this.devices.has(deviceId)) throw new AppError('not-found', 'No such device.')
    return this.#twin(deviceId)
  }

  async invokeMethod(call: MethodCall): Promise<MethodAnswer> {
    this.onCall(call)
    this.calls.push(call)
    await Promise.resolve()
    const answer = this.devices.get(call.deviceId)?.answer?.(call) ?? { status: 202, payload: null }
    if (answer instanceof AppError) throw answer
    return answer
  }

  readonly patches: TwinPatch[] = []
  /** The error that the hub gives instead of its word; the patch is stored all the same where it is a `timeout`. */
  failPatch: AppError | undefined

  async patchTwin(patch: TwinPatch): Promise<number> {
    await Promise.resolve()
    this.patches.push(patch)
    const { deviceId, sections, etag } = patch
    const { desired, tags, version, etag: present } = this.#twin(deviceId)
    if (etag !== undefined && etag !== present) throw new AppError('conflict', 'Somebody else changed it.')
    const isStored = this.failPatch === undefined || this.failPatch.code === 'timeout'
    if (isStored)
      this.devices.set(deviceId, {
        ...this.devices.get(deviceId),
        desired: merged(desired, sections.desired ?? {}),
        tags: merged(tags, sections.tags ?? {}),
        version: version + 1,
        etag: `etag-${version + 1}`,
      })
    if (this.failPatch) throw this.failPatch
    return version + 1
  }

  close(): void {
    this.isClosed = true
  }

  #twin(deviceId: string): DeviceTwin {
    return {
      deviceId,
      status: 'enabled',
      connectionState: 'Connected',
      lastActivityTime: undefined,
      reported: {},
      desired: {},
      tags: {},
      version: 1,
      etag: 'etag-1',
      ...this.devices.get(deviceId),
    }
  }
}

/** A section of a twin after a merge patch. */
function merged(value: Json, patch: Json): Json {
  if (!isJsonObject(patch)) return patch
  const kept = isJsonObject(value) ? value : {}
  const changes = Object.entries(patch)
  const removed = new Set(changes.flatMap(([key, change]) => (change === null ? [key] : [])))
  const entries = Object.entries(kept).filter(([key]) => !removed.has(key))
  const changed = changes.filter(([key]) => !removed.has(key))
  return Object.fromEntries([
    ...entries,
    ...changed.map(([key, change]): [string, Json] => [key, merged(kept[key] ?? null, change)]),
  ])
}

/** What our agent reports about itself. */
export function agentReport(more: Readonly<Record<string, Json>> = {}): Json {
  const agent = {
    version: '1.0.0',
    bootId: 'boot-a',
    firmwareVersion: '2.4.1',
    platform: 'linux',
    actions: ['reboot'],
  }
  return { iothubDM: { agent, ...more } }
}

/** What our agent reports after a reboot that it can prove. */
export function rebootedReport(actionId: string): Json {
  const reboot = { actionId, status: 'completed', bootIdBefore: 'boot-a', bootIdAfter: 'boot-b' }
  return agentReport({ reboot })
}

export class FakeProfiles implements ProfileStore {
  stored: StoredProfiles

  constructor(stored: StoredProfiles = { hubs: [] }) {
    this.stored = stored
  }

  load(): Promise<StoredProfiles> {
    return Promise.resolve(this.stored)
  }

  save(profiles: StoredProfiles): Promise<void> {
    this.stored = profiles
    return Promise.resolve()
  }
}

/** Seals in hexadecimal: enough to see whether plain text went where it must not. */
export class FakeSecrets implements SecretStore {
  kind: 'kept' | 'session' = 'kept'
  canOpen = true

  protection(): Promise<'kept' | 'session'> {
    return Promise.resolve(this.kind)
  }

  seal(secret: string): Promise<string> {
    return Promise.resolve(Buffer.from(secret).toString('hex'))
  }

  open(sealed: string): Promise<string> {
    return this.canOpen
      ? Promise.resolve(Buffer.from(sealed, 'hex').toString())
      : Promise.reject(new Error('sealed by another user'))
  }
}

export class FakeLocalHub implements LocalHubProcess {
  starts = 0
  stops = 0
  readonly scenarios: (JsonObject | undefined)[] = []
  failure: Error | undefined
  exit: () => void = () => {}

  start(scenario?: JsonObject): Promise<LocalHubAccess> {
    this.starts += 1
    this.scenarios.push(scenario)
    if (this.failure) return Promise.reject(this.failure)
    return Promise.resolve({
      hostName: 'drover-local.azure-devices.local',
      httpsPort: 8443,
      caCertificate: 'PEM',
      connectionString:
        'HostName=drover-local.azure-devices.local;SharedAccessKeyName=service;SharedAccessKey=c2VjcmV0',
    })
  }

  onExit(listener: () => void): void {
    this.exit = listener
  }

  stop(): Promise<void> {
    this.stops += 1
    return Promise.resolve()
  }
}
