import type { AppError } from '../../contract/errors.ts'
import type { HubEvent, HubEvents } from '../ports/hub-events.ts'

/** The events of a hub, which a test tells. */
export class FakeEvents implements HubEvents {
  /** Thrown by whoever wants to listen. */
  refusal: AppError | undefined
  readonly #listeners = new Set<(event: HubEvent) => void>()

  get listeners(): number {
    return this.#listeners.size
  }

  listen(onEvent: (event: HubEvent) => void, signal: AbortSignal): Promise<void> {
    if (this.refusal) return Promise.reject(this.refusal)
    this.#listeners.add(onEvent)
    signal.addEventListener('abort', () => this.#listeners.delete(onEvent))
    return Promise.resolve()
  }

  tell(event: HubEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
