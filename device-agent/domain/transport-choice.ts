import type { Transport } from '../ports/hub-identity.ts'

/** What the agent knows of the ways to its hub. */
export interface TransportChoice {
  readonly allowed: readonly [Transport, ...Transport[]]
  /** The way that led to the hub the last time. */
  readonly proven: Transport | undefined
  /** How often no way led there since. */
  readonly failures: number
}

/**
 * The proven way twice, then each in turn: a network that is down for a moment does not make the agent wait for a port
 * that is blocked, and one that was changed makes it wait once.
 */
export function nextTransport({ allowed, proven, failures }: TransportChoice): Transport {
  const order = proven !== undefined && allowed.includes(proven) ? startingWith(allowed, proven) : allowed
  const patience = order[0] === proven ? 1 : 0
  return order[Math.max(0, failures - patience) % order.length] ?? order[0]
}

/** Whether the next attempt may take its time: there is no other way, or this one has led to the hub before. */
export function isTrusted(choice: TransportChoice, transport: Transport): boolean {
  return choice.allowed.length === 1 || (choice.proven === transport && choice.failures === 0)
}

function startingWith(allowed: TransportChoice['allowed'], first: Transport): TransportChoice['allowed'] {
  return [first, ...allowed.filter((transport) => transport !== first)]
}
