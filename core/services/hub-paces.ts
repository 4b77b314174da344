import type { HubSettings, HubTier } from '../../contract/app/hub.ts'
import type { HubId } from '../../contract/app/ids.ts'
import { assumedTier } from '../domain/quota.ts'
import type { Clock } from '../ports/clock.ts'
import { hubPace, type HubPace } from './hub-pace.ts'
import type { HubService } from './hub-service.ts'

/** How fast each hub is asked: whoever asks it shares the same limits. */
export class HubPaces {
  readonly #hubs: HubService
  readonly #clock: Clock
  readonly #paces = new Map<string, HubPace>()

  constructor(hubs: HubService, clock: Clock) {
    this.#hubs = hubs
    this.#clock = clock
  }

  of(hubId: HubId): HubPace {
    const { settings } = this.#hubs.profile(hubId)
    const tier = paceTier(this.#hubs.kindOf(hubId), settings)
    const key = JSON.stringify([hubId, tier])
    const pace = this.#paces.get(key) ?? hubPace(tier, this.#clock)
    this.#paces.set(key, pace)
    return pace
  }
}

/** The tier by which a hub is paced; undefined for the hub on this machine, which has no limits of its own. */
function paceTier(kind: 'local' | 'azure', { tier }: HubSettings): HubTier | undefined {
  return tier ?? (kind === 'azure' ? assumedTier : undefined)
}
