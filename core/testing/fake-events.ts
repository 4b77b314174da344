import type { AppError } from '../../contract/errors.ts'
import type { HubEvent, HubEvents } from '../ports/hub-events.ts'

/** The events of a hub, which a test tells. */
export class FakeEvents implements HubEvents {
  /** Thrown by whoever wants to listen. */
  refusal: AppError | undefined
  /** A connection takes its time: nobody is heard before. */
  connected: Promise<void> = Promise.resolve()
  readonly #listeners = new Set<(event: HubEvent) => void>()

  get listeners(): number {
    return this.#listeners.size
  }

  async listen(onEvent: (event: HubEvent) => void, signal: AbortSignal): Promise<void> {
    await this.connected
    if (this.refusal) throw this.refusal
    this.#listeners.add(onEvent)
    signal.addEventListener('abort', () => this.#listeners.delete(onEvent))
  }

  tell(event: HubEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
