/**
 * Values by key, each with the version at which it changed, so that a watcher gets what is new to it and nothing twice. A watcher that reads slowly gets only the latest value of each key.
 */
export class Changes<K, V> {
  readonly #entries = new Map<K, { readonly value: V; readonly version: number }>()
  readonly #removals = new Map<K, number>()
  #version = 0

  get size(): number {
    return this.#entries.size
  }

  get version(): number {
    return this.#version
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)?.value
  }

  keys(): MapIterator<K> {
    return this.#entries.keys()
  }

  *values(): Generator<V> {
    for (const { value } of this.#entries.values()) yield value
  }

  set(key: K, value: V): void {
    this.#version += 1
    this.#entries.set(key, { value, version: this.#version })
    this.#removals.delete(key)
  }

  delete(key: K): void {
    if (!this.#entries.delete(key)) return
    this.#version += 1
    this.#removals.set(key, this.#version)
  }

  /** What was set and deleted after the version. */
  since(version: number): { readonly changed: readonly V[]; readonly removed: readonly K[] } {
    const changed: V[] = []
    for (const entry of this.#entries.values()) if (entry.version > version) changed.push(entry.value)
    const removed: K[] = []
    for (const [key, at] of this.#removals) if (at > version) removed.push(key)
    return { changed, removed }
  }
}
