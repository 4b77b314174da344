import type { EventContext, Message, Sender } from 'rhea'

/** How the client took a message. */
export type DeliveryOutcome = 'accepted' | 'rejected' | 'released'

export interface OutgoingMessage {
  readonly message: Message
  /** At most 32 bytes; names the delivery for the client. */
  readonly tag?: Buffer
  /** Called once, unless the link ends first. */
  readonly onSettled?: (outcome: DeliveryOutcome) => void
}

export interface OutgoingLinkOptions {
  readonly sender: Sender
  /** What to send next; asked only when the client has room for it. */
  readonly next: () => OutgoingMessage | undefined
  readonly guard: (work: () => void) => void
}

/**
 * Sends as the client gives credit, and never more: rhea holds the deliveries of a whole session back behind one that
 * has no credit, and breaks down with too many of them.
 */
export class OutgoingLink {
  readonly #options: OutgoingLinkOptions
  readonly #unsettled = new Map<number, OutgoingMessage>()
  /** What rhea was given; its own count follows when it has written them. */
  #given = 0
  #drained = 0
  #isPumping = false

  constructor(options: OutgoingLinkOptions) {
    this.#options = options
    const { sender, guard } = options
    const on = (event: string, work: (context: EventContext) => void) =>
      sender.on(event, (context: EventContext) => {
        guard(() => {
          work(context)
        })
      })
    on('sender_flow', () => {
      this.wake()
    })
    on('sendable', () => {
      this.wake()
    })
    on('sender_draining', () => {
      this.#drain()
    })
    on('accepted', (context) => this.#settle(context, 'accepted'))
    on('rejected', (context) => this.#settle(context, 'rejected'))
    on('released', (context) => this.#settle(context, 'released'))
    // Settled without an outcome: the client had it and did not say what it thinks of it.
    on('settled', (context) => this.#settle(context, 'accepted'))
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    try {
      this.#pump()
    } finally {
      this.#isPumping = false
    }
  }

  #pump(): void {
    const { sender, next } = this.#options
    while (sender.is_open() && this.#room() > 0 && sender.sendable()) {
      const outgoing = next()
      if (!outgoing) return
      this.#given += 1
      const { id } = sender.send(outgoing.message, outgoing.tag)
      this.#unsettled.set(id, outgoing)
    }
  }

  /** The client takes its credit back: it gets what there is, and is told that this was all. */
  #drain(): void {
    this.wake()
    if (this.#unwritten() > 0) return
    this.#drained += creditOf(this.#options.sender).credit
    this.#options.sender.set_drained(true)
  }

  #room(): number {
    return creditOf(this.#options.sender).credit - this.#unwritten()
  }

  #unwritten(): number {
    return this.#given - (creditOf(this.#options.sender).delivery_count - this.#drained)
  }

  #settle({ delivery }: EventContext, outcome: DeliveryOutcome): void {
    if (!delivery) return
    const outgoing = this.#unsettled.get(delivery.id)
    this.#unsettled.delete(delivery.id)
    // A client that settles second waits for the hub to do so first.
    if (!delivery.remote_settled) delivery.update(true)
    outgoing?.onSettled?.(outcome)
    this.wake()
  }
}

/** What rhea knows and its types do not say. */
function creditOf(sender: Sender): { credit: number; delivery_count: number } {
  return sender as unknown as { credit: number; delivery_count: number }
}
