import type { Message, Sender } from 'rhea'
import { OutgoingLink } from './outgoing-link.ts'

/** A client that asks and does not take the answers loses the oldest. */
const mostWaiting = 100

/** Sends messages as they arise, as soon as the client has room for them. */
export class QueuedLink {
  readonly #link: OutgoingLink
  readonly #waiting: Message[] = []

  constructor(sender: Sender, guard: (work: () => void) => void) {
    const next = () => {
      const message = this.#waiting.shift()
      return message && { message }
    }
    this.#link = new OutgoingLink({ sender, guard, next })
  }

  send(message: Message): void {
    this.#waiting.push(message)
    if (this.#waiting.length > mostWaiting) this.#waiting.shift()
    this.#link.wake()
  }
}
