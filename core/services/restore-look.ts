import type { DeviceId } from '../../contract/app/ids.ts'
import type { PreflightRequest, Restore } from '../../contract/app/preflight.ts'
import { AppError } from '../../contract/errors.ts'
import { planRestoration, type Restoration, type RestoredValue } from '../domain/restoration.ts'
import type { HubGateway } from '../ports/hub-gateway.ts'
import type { ActionStore } from './action-store.ts'
import type { HubPaces } from './hub-paces.ts'
import type { HubService } from './hub-service.ts'

interface LookTools {
  readonly store: ActionStore
  readonly hubs: HubService
  readonly paces: HubPaces
}

/** What a restore would do to one device, as its twin is now. */
export interface SeenRestoration {
  readonly restoration: Restoration
  readonly etag: string
}

/** So many twins are read at the same time. */
const mostLooks = 16
/** More than these a person does not read of one device. */
const mostValues = 50
const longestValue = 200
/** The hub takes ten levels; what claims to be deeper is named by its beginning. */
const deepestPath = 16

/** Compares what the journal has kept of each device with its twin of now; reading a twin is billed. */
export class RestoreLook {
  readonly #tools: LookTools

  constructor(tools: LookTools) {
    this.#tools = tools
  }

  /** A device that is absent has nothing kept, or is not on the hub any more. Errors: `not-found`, those of the hub. */
  async take(
    { hubId, parameters, deviceIds }: PreflightRequest,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<DeviceId, SeenRestoration>> {
    const { store, hubs, paces } = this.#tools
    const seen = new Map<DeviceId, SeenRestoration>()
    if (parameters.kind !== 'restore') return seen
    store.get(parameters.resetId)
    const kept = await store.keptTwins(parameters.resetId)
    const gateway = await hubs.gateway(hubId, signal)
    const { reads } = paces.of(hubId)
    const wanted = new Set(deviceIds).values()
    const work = async (): Promise<void> => {
      for (const deviceId of wanted) {
        const before = kept.get(deviceId)
        if (!before) continue
        await reads.take(signal)
        const twin = await readTwin(gateway, deviceId, signal)
        if (twin) seen.set(deviceId, { restoration: planRestoration(before, twin), etag: twin.etag })
      }
    }
    await Promise.all(Array.from({ length: mostLooks }, work))
    return seen
  }
}

async function readTwin(
  gateway: HubGateway,
  deviceId: DeviceId,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<HubGateway['readTwin']>> | undefined> {
  try {
    return await gateway.readTwin(deviceId, signal)
  } catch (error) {
    if (error instanceof AppError && error.code === 'not-found') return undefined
    throw error
  }
}

/** What a person is shown of it. */
export function restoreView({ restoration, etag }: SeenRestoration): Restore {
  const { values } = restoration
  return { etag, values: values.slice(0, mostValues).map(valueView), count: values.length }
}

function valueView({ section, path, present, kept }: RestoredValue): Restore['values'][number] {
  const now = present === undefined ? {} : { present: shortJson(present) }
  return { section, path: path.slice(0, deepestPath), kept: shortJson(kept), ...now }
}

function shortJson(value: RestoredValue['kept']): string {
  const text = JSON.stringify(value)
  return text.length > longestValue ? `${text.slice(0, longestValue).toWellFormed()}…` : text
}
