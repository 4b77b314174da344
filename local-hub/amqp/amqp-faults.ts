import type { FaultTarget } from '../faults/faults.ts'
import { meetFault } from '../faults/meet-fault.ts'
import type { FaultyStream } from '../faults/meet-fault.ts'
import { LinkRefusal } from './amqp-error.ts'
import type { AmqpPeer } from './amqp-peer.ts'

/** A connection whose answers can be late, too. */
export interface AmqpWire extends FaultyStream {
  /** Keeps what would be sent for so long. */
  hold(delayMs: number): void
}

/** A message, or those of a batch. */
export interface FaultyMessages<T> {
  /** `undefined` for a message that no rule is for. */
  readonly targetOf: (message: T) => FaultTarget | undefined
  readonly execute: (message: T) => void | Promise<void>
  /** Answers with the status; absent when AMQP's own rejection is the answer. */
  readonly refuse?: (message: T, status: number) => void
}

/** Takes messages as the plan of faults has it. */
export function withFaults<T>(
  peer: AmqpPeer,
  { targetOf, execute, refuse = reject }: FaultyMessages<T>,
): (message: T) => void | Promise<void> {
  return (message) => {
    const target = peer.faults.isEmpty ? undefined : targetOf(message)
    const effect = target && peer.faults.choose(target)
    if (!effect) return execute(message)
    // Of silence nothing comes, until the connection ends.
    return new Promise<void>((resolve, fail) => {
      const attempt = (work: () => void | Promise<void>) => void (async () => work())().then(resolve, fail)
      const work = {
        execute: () => {
          attempt(() => execute(message))
        },
        refuse: (status: number) => {
          attempt(() => {
            refuse(message, status)
          })
        },
        later: peer.later,
      }
      meetFault(effect, work, peer.wire)
    })
  }
}

/** Lets a link open as the plan of faults has it; what is thrown refuses it, if there is still somebody to hear. */
export function meetLinkFault({ faults, wire }: AmqpPeer, target: FaultTarget): void {
  const effect = faults.isEmpty ? undefined : faults.choose(target)
  switch (effect?.kind) {
    case 'status':
      throw refusalOf(effect.status)
    case 'silence':
      wire.mute()
      throw refusalOf(503)
    case 'reset':
      wire.tearDown()
      throw refusalOf(503)
    case 'lostResponse':
      wire.mute()
      // The link opens first.
      setImmediate(() => {
        wire.tearDown()
      })
      return
    case 'slow':
      return wire.hold(effect.delayMs)
    default:
      return
  }
}

function reject(_message: unknown, status: number): never {
  throw refusalOf(status)
}

/** The conditions that the SDKs know, by the status that REST has for them. */
const conditions = new Map([
  [400, 'com.microsoft:argument-error'],
  [401, 'amqp:unauthorized-access'],
  [403, 'amqp:unauthorized-access'],
  [404, 'amqp:not-found'],
  [412, 'com.microsoft:precondition-failed'],
  [413, 'amqp:link:message-size-exceeded'],
  [429, 'com.microsoft:device-container-throttled'],
  [504, 'com.microsoft:timeout'],
])

function refusalOf(status: number): LinkRefusal {
  const condition = conditions.get(status) ?? 'amqp:internal-error'
  return new LinkRefusal(condition, `(error-code:${status * 1000}) A fault of the plan`)
}
