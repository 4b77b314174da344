import { EventEmitter } from 'node:events'

export type Listener = (...args: never[]) => unknown

/** The events of one Electron object: those that the look-alike emits, and no others. */
export class Events<Name extends string> {
  readonly #owner: string
  readonly #names: readonly Name[]
  readonly #emitter = new EventEmitter()

  constructor(owner: string, names: readonly Name[]) {
    this.#owner = owner
    this.#names = names
  }

  readonly on = (event: string, listener: Listener): void => {
    this.#check(event)
    this.#emitter.on(event, listener as (...args: unknown[]) => void)
  }

  readonly once = (event: string, listener: Listener): void => {
    this.#check(event)
    this.#emitter.once(event, listener as (...args: unknown[]) => void)
  }

  emit(event: Name, ...args: readonly unknown[]): void {
    this.#emitter.emit(event, ...args)
  }

  #check(event: string): void {
    if (!(this.#names as readonly string[]).includes(event)) {
      throw new Error(
        `The Electron look-alike never emits '${event}' on ${this.#owner}. Add it to preview/, or do without it.`,
      )
    }
  }
}

/** An event that its listeners may prevent. */
export class PreventableEvent {
  #isPrevented = false

  get defaultPrevented(): boolean {
    return this.#isPrevented
  }

  readonly preventDefault = (): void => {
    this.#isPrevented = true
  }
}
