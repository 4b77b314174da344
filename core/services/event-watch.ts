import type { HubId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import type { HubEvent } from '../ports/hub-events.ts'
import type { Log } from '../ports/log.ts'
import type { HubService } from './hub-service.ts'

interface WatchTools {
  readonly hubs: HubService
  readonly log: Log
  readonly onEvent: (hubId: HubId, event: HubEvent) => void
  /** What has happened before is not told. */
  readonly onListening: (hubId: HubId) => void
}

interface Watched {
  readonly stop: AbortController
  users: number
  isListening: boolean
}

/**
 * Listens to the events of each hub on which something runs, where the person has said that they may be read. It only
 * saves looks at twins: without it, or when it fails, the twins tell the same a little later.
 */
export class EventWatch {
  readonly #tools: WatchTools
  readonly #watched = new Map<HubId, Watched>()

  constructor(tools: WatchTools) {
    this.#tools = tools
  }

  /** Listens from now on; returns how to stop. Those who follow one hub share one connection. */
  follow(hubId: HubId): () => void {
    if (!this.#tools.hubs.profile(hubId).settings.followEvents) return () => undefined
    const watched = this.#watched.get(hubId) ?? this.#begin(hubId)
    watched.users += 1
    return () => {
      watched.users -= 1
      if (watched.users > 0) return
      watched.stop.abort()
      this.#watched.delete(hubId)
    }
  }

  /** Whether the hub tells by itself what happens from now on. */
  isListening(hubId: HubId): boolean {
    return this.#watched.get(hubId)?.isListening ?? false
  }

  #begin(hubId: HubId): Watched {
    const watched: Watched = { stop: new AbortController(), users: 0, isListening: false }
    this.#watched.set(hubId, watched)
    void this.#listen(hubId, watched)
    return watched
  }

  async #listen(hubId: HubId, watched: Watched): Promise<void> {
    const { hubs, log, onEvent, onListening } = this.#tools
    const { signal } = watched.stop
    try {
      const { events } = await hubs.gateway(hubId, signal)
      await events.listen((event) => onEvent(hubId, event), signal)
      if (signal.aborted) return
      watched.isListening = true
      onListening(hubId)
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof AppError) log.warn('events-not-read', { hubId, code: error.code })
      else log.bug('events-not-read', error)
    }
  }
}
