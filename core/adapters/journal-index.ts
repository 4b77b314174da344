import type { JournalRecord } from '../domain/journal-record.ts'

/** Where each record of the journal begins in its file, and which action it belongs to: 12 bytes a record. */
export class JournalIndex {
  #starts = new Float64Array(1024)
  #actions = new Uint32Array(1024)
  readonly #ordinals = new Map<string, number>()
  /** Most records are of the same action as the one before. */
  #last = { actionId: '', ordinal: 0 }
  #length = 0
  #end = 0

  get length(): number {
    return this.#length
  }

  /** How long the file is up to and with the last record. */
  get bytes(): number {
    return this.#end
  }

  /** `bytes` is the length of the record's line with its end. */
  add({ actionId }: JournalRecord, bytes: number): void {
    if (this.#length === this.#starts.length) this.#grow()
    this.#starts[this.#length] = this.#end
    this.#actions[this.#length] = this.#ordinal(actionId)
    this.#length += 1
    this.#end += bytes
  }

  /** The bytes that the records from `first` to `last` have in the file; both numbers count from 1. */
  range(first: number, last: number): { readonly start: number; readonly bytes: number } {
    const start = this.#startOf(first)
    return { start, bytes: this.#startOf(last + 1) - start }
  }

  /** Whether the record may belong to the action; undefined asks for any. */
  isOf(number: number, actionId: string | undefined): boolean {
    return actionId === undefined || this.#actions[number - 1] === this.#ordinals.get(actionId)
  }

  #startOf(number: number): number {
    return number > this.#length ? this.#end : (this.#starts[number - 1] ?? 0)
  }

  #ordinal(actionId: string): number {
    if (actionId === this.#last.actionId) return this.#last.ordinal
    const ordinal = this.#ordinals.get(actionId) ?? this.#ordinals.size
    this.#ordinals.set(actionId, ordinal)
    this.#last = { actionId, ordinal }
    return ordinal
  }

  #grow(): void {
    const starts = new Float64Array(this.#length * 2)
    const actions = new Uint32Array(this.#length * 2)
    starts.set(this.#starts)
    actions.set(this.#actions)
    this.#starts = starts
    this.#actions = actions
  }
}
