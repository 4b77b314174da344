import type { EventContext, Message, Receiver } from 'rhea'
import { HubError, notImplemented } from '../hub/hub-error.ts'
import { LinkRefusal, amqpErrorOf } from './amqp-error.ts'
import { messagesOfBatch } from './message-batch.ts'
import type { WaitingMessages } from './waiting-messages.ts'

export interface IncomingLinkOptions {
  readonly receiver: Receiver
  /** Takes a message; throws HubError to reject it. A promise holds the message, and its credit, until it ends. */
  readonly onMessage: (message: Message) => void | Promise<void>
  /** Takes several messages that came as one, where the link can. */
  readonly onBatch?: (messages: readonly Message[]) => void | Promise<void>
  readonly guard: (work: () => void) => void
  /** Hears what should never happen. */
  readonly onBug: (error: unknown) => void
  readonly waiting: WaitingMessages
}

/** Messages that a client may send ahead of their settlement. */
const credit = 100

/** Accepts what the hub takes and rejects what it refuses, and gives a new credit for each. */
export function receiveMessages(options: IncomingLinkOptions): void {
  const { receiver, guard, onBug, waiting } = options
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
      const taken = waiting.take(() => handle(options, message, delivery))
      if (taken) await taken
      delivery.accept()
    } catch (error) {
      delivery.reject(amqpErrorOf(refusalOf(error, onBug)))
    }
    if (receiver.is_open()) receiver.add_credit(1)
  }
}

function refusalOf(error: unknown, onBug: (error: unknown) => void): HubError | LinkRefusal {
  if (error instanceof HubError || error instanceof LinkRefusal) return error
  onBug(error)
  return new HubError('ServerError', 'The hub made a mistake.')
}

/** What is in another format than AMQP's own rhea leaves as it came. */
function handle(
  { onMessage, onBatch }: IncomingLinkOptions,
  message: Message,
  delivery: { readonly format?: number },
): void | Promise<void> {
  if (!Buffer.isBuffer(message)) return onMessage(message)
  if (!onBatch) throw notImplemented('batches at this address')
  return onBatch(messagesOfBatch(message, delivery.format))
}
