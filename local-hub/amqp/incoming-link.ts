import type { EventContext, Message, Receiver } from 'rhea'
import { HubError } from '../hub/hub-error.ts'
import { amqpErrorOf } from './amqp-error.ts'
import type { WaitingMessages } from './waiting-messages.ts'

export interface IncomingLinkOptions {
  readonly receiver: Receiver
  /** Takes a message; throws HubError to reject it. A promise holds the message, and its credit, until it ends. */
  readonly onMessage: (message: Message) => void | Promise<void>
  readonly guard: (work: () => void) => void
  /** Hears what should never happen. */
  readonly onBug: (error: unknown) => void
  readonly waiting: WaitingMessages
}

/** Messages that a client may send ahead of their settlement. */
const credit = 100

/** Accepts what the hub takes and rejects what it refuses, and gives a new credit for each. */
export function receiveMessages({ receiver, onMessage, guard, onBug, waiting }: IncomingLinkOptions): void {
  receiver.add_credit(credit)
  receiver.on('message', (context: EventContext) => {
    guard(() => {
      void take(context)
    })
  })

  async function take({ message, delivery }: EventContext): Promise<void> {
    if (!message || !delivery) return
    try {
      // A message that is taken at once is settled at once, in the order in which it came.
      const taken = waiting.take(() => onMessage(message))
      if (taken) await taken
      delivery.accept()
    } catch (error) {
      if (!(error instanceof HubError)) onBug(error)
      delivery.reject(
        amqpErrorOf(
          error instanceof HubError ? error : new HubError('ServerError', 'The hub made a mistake.'),
        ),
      )
    }
    if (receiver.is_open()) receiver.add_credit(1)
  }
}
