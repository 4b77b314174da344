import type { DeviceId } from '../../contract/app/ids.ts'

/**
 * Numbers device ids in the order in which they come. It finds a number again as a Map does, in a fifth of the
 * memory: an action may have a million devices, and an app remembers many actions.
 */
export class DeviceIndex {
  readonly #ids: DeviceId[]
  /** Open addressing with a step of one; a slot holds the number of its id plus one, and zero is an empty slot. */
  #slots: Uint32Array
  /** The number that is asked for next, if ids are asked for in their order. */
  #expected = 0

  constructor(ids: readonly DeviceId[] = []) {
    this.#ids = []
    this.#slots = new Uint32Array(16)
    this.makeRoom(ids.length)
    for (const id of ids) this.add(id)
  }

  get size(): number {
    return this.#ids.length
  }

  get ids(): readonly DeviceId[] {
    return this.#ids
  }

  /** For so many more at once: with each growth the place of everybody is looked for anew. At most three of four slots are taken. */
  makeRoom(more: number): void {
    let { length } = this.#slots
    while ((this.#ids.length + more) * 4 > length * 3) length *= 2
    if (length === this.#slots.length) return
    this.#slots = new Uint32Array(length)
    for (const [index, id] of this.#ids.entries()) this.#slots[this.#slotOf(id)] = index + 1
  }

  /** The number of the id, which is a new one when the id is. */
  add(id: DeviceId): number {
    const slot = this.#slotOf(id)
    const known = this.#slots[slot] ?? 0
    if (known > 0) return known - 1
    this.#ids.push(id)
    this.#slots[slot] = this.#ids.length
    this.makeRoom(0)
    return this.#ids.length - 1
  }

  get(id: DeviceId): number | undefined {
    // Devices are asked in their order, and mostly answer in it: then no place has to be looked for.
    if (this.#ids[this.#expected] !== id) this.#expected = (this.#slots[this.#slotOf(id)] ?? 0) - 1
    return this.#expected < 0 ? undefined : this.#expected++
  }

  /** The slot of the id, or the empty one where it would be. */
  #slotOf(id: DeviceId): number {
    const mask = this.#slots.length - 1
    let slot = hash(id) & mask
    for (;;) {
      const number = this.#slots[slot] ?? 0
      if (number === 0 || this.#ids[number - 1] === id) return slot
      slot = (slot + 1) & mask
    }
  }
}

/** FNV-1a, stirred once more: ids that differ in their last digit only must not end up side by side. */
function hash(id: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < id.length; index += 1)
    value = Math.imul(value ^ id.charCodeAt(index), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b)
  return (value ^ (value >>> 13)) >>> 0
}
