import type { AmqpError, Receiver, Sender, Session } from 'rhea'
import { HubError } from '../hub/hub-error.ts'
import { LinkRefusal, amqpErrorOf } from './amqp-error.ts'
import type { OpenLink } from './amqp-peer.ts'

export type AmqpLink = Sender | Receiver

/** The open links of one connection. */
export class LinkTable {
  readonly #links = new Map<AmqpLink, OpenLink>()

  /** Keeps what opened, and refuses the link when it did not. */
  open(link: AmqpLink, work: () => OpenLink): void {
    try {
      const opened = work()
      // A link that was closed while it opened, such as a redirection, is none.
      if (!link.is_open()) return
      confirm(link)
      this.#links.set(link, opened)
    } catch (error) {
      if (!(error instanceof HubError || error instanceof LinkRefusal)) throw error
      link.close(amqpErrorOf(error))
    }
  }

  /** The link has ended. */
  forget(link: AmqpLink): void {
    const opened = this.#links.get(link)
    this.#links.delete(link)
    // A client that goes on sending after the hub has closed the link is not heard.
    link.removeAllListeners()
    opened?.close?.()
  }

  /** The session has ended, and its links with it. */
  forgetSession(session: Session): void {
    for (const link of [...this.#links.keys()]) if (link.session === session) this.forget(link)
  }

  forgetAll(): void {
    for (const link of [...this.#links.keys()]) this.forget(link)
  }

  /**
   * Closes the links that are meant. Answers whether the connection should end instead, because no other link is left
   * that is for anything.
   */
  drop(isMeant: (link: OpenLink) => boolean, error: AmqpError): 'dropped' | 'end' {
    const meant = [...this.#links].filter(([, opened]) => isMeant(opened))
    if (meant.length === 0) return 'dropped'
    if (this.#inUse().every(isMeant)) return 'end'
    for (const [link] of meant) {
      this.forget(link)
      link.close(error)
    }
    return 'dropped'
  }

  /** The same for the links that the client may no longer have. */
  dropExpired(): 'dropped' | 'end' {
    const expired = amqpErrorOf(new HubError('IotHubUnauthorizedAccess', 'The token has expired'))
    return this.drop(({ recheck }) => !isAllowed(recheck), expired)
  }

  /** The links that needed a right. */
  #inUse(): readonly OpenLink[] {
    return [...this.#links.values()].filter(({ recheck }) => recheck !== undefined)
  }
}

/** An answer without the address that was asked for is a refusal, whose reason follows (AMQP 1.0, 2.6.3). */
function confirm(link: AmqpLink): void {
  if (link.is_receiver()) link.set_target({ address: link.target.address })
  else link.set_source({ address: link.source.address })
}

function isAllowed(recheck: OpenLink['recheck']): boolean {
  try {
    recheck?.()
    return true
  } catch (error) {
    if (error instanceof HubError) return false
    throw error
  }
}
