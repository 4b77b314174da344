import type { Durability } from './durability.ts'

/** What goes out on one connection: in order, and never before what it depends on is kept. */
export class Outgoing {
  readonly #durability: Durability
  readonly #onFailure: () => void
  #last: Promise<void> | undefined

  /** `onFailure` hears that what waits will never go out, because the disk failed. */
  constructor(durability: Durability, onFailure: () => void) {
    this.#durability = durability
    this.#onFailure = onFailure
  }

  /** Runs the work at once when nothing need be waited for. */
  run(work: () => void): void {
    const settled = this.#durability.settled()
    if (!settled && !this.#last) return work()
    const turn = Promise.all([this.#last, settled]).then(work)
    const done = turn.then(
      () => {
        if (this.#last === done) this.#last = undefined
      },
      () => {
        this.#onFailure()
      },
    )
    this.#last = done
  }
}
