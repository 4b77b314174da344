import { HubError } from '../hub/hub-error.ts'

/** Of 256 KB each, at most: what one client can make the hub keep, whatever credit its links have. */
const mostWaiting = 256

/** Messages of one client that wait to be executed, as they do when the hub is throttled. */
export class WaitingMessages {
  #count = 0

  /** Does the work, unless too much of it has not ended: then throws ThrottlingException. */
  take(work: () => void | Promise<void>): void | Promise<void> {
    if (this.#count >= mostWaiting) {
      throw new HubError('ThrottlingException', `At most ${mostWaiting} messages of a connection may wait`)
    }
    const outcome = work()
    if (!outcome) return
    this.#count += 1
    return outcome.finally(() => {
      this.#count -= 1
    })
  }
}
