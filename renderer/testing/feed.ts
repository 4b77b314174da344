/** A value that changes over time: whoever watches gets the latest one first, then every later one. */
export class Feed<T> {
  #latest: T
  readonly #watchers = new Set<(value: T) => void>()

  constructor(first: T) {
    this.#latest = first
  }

  get watcherCount(): number {
    return this.#watchers.size
  }

  push(value: T): void {
    this.#latest = value
    for (const notify of this.#watchers) notify(value)
  }

  async *watch(signal: AbortSignal): AsyncGenerator<T> {
    const queue = [this.#latest]
    let wake: (() => void) | undefined
    const notify = (value: T): void => {
      queue.push(value)
      wake?.()
    }
    this.#watchers.add(notify)
    signal.addEventListener('abort', () => wake?.())
    try {
      while (!signal.aborted) {
        const value = queue.shift()
        if (value === undefined) await new Promise<void>((resolve) => (wake = resolve))
        else yield value
      }
    } finally {
      this.#watchers.delete(notify)
    }
  }
}
