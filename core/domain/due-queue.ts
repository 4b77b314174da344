/** Things to do at certain times, the earliest first; times in milliseconds. A binary heap: a hundred thousand are no matter. */
export class DueQueue<T> {
  readonly #heap: { readonly dueAt: number; readonly order: number; readonly value: T }[] = []
  #added = 0

  get size(): number {
    return this.#heap.length
  }

  /** When the earliest is due. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.dueAt
  }

  add(dueAt: number, value: T): void {
    this.#added += 1
    this.#heap.push({ dueAt, order: this.#added, value })
    this.#rise(this.#heap.length - 1)
  }

  /** Takes the earliest if it is due; those of one time come in the order in which they were added. */
  takeDue(now: number): T | undefined {
    const first = this.#heap[0]
    if (!first || first.dueAt > now) return undefined
    const last = this.#heap.pop()
    if (last && this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink(0)
    }
    return first.value
  }

  #rise(at: number): void {
    for (let child = at; child > 0;) {
      const parent = (child - 1) >>> 1
      if (!this.#isBefore(child, parent)) return
      this.#swap(child, parent)
      child = parent
    }
  }

  #sink(at: number): void {
    for (let parent = at; ;) {
      const left = parent * 2 + 1
      const smaller = this.#isBefore(left + 1, left) ? left + 1 : left
      if (!this.#isBefore(smaller, parent)) return
      this.#swap(smaller, parent)
      parent = smaller
    }
  }

  #isBefore(left: number, right: number): boolean {
    const [one, other] = [this.#heap[left], this.#heap[right]]
    if (!one || !other) return false
    return one.dueAt === other.dueAt ? one.order < other.order : one.dueAt < other.dueAt
  }

  #swap(left: number, right: number): void {
    const [one, other] = [this.#heap[left], this.#heap[right]]
    if (!one || !other) return
    this.#heap[left] = other
    this.#heap[right] = one
  }
}
