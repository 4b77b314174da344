import { failureOf } from './domain/connect-failure.ts'
import { isTrusted, nextTransport, type TransportChoice } from './domain/transport-choice.ts'
import type { ConnectionRecord, Remembered } from './ports/connection-record.ts'
import type { Clock } from './ports/clock.ts'
import type { ConnectToHub, HubConnection, MethodHandler } from './ports/hub-connection.ts'
import type { Attempt, HubIdentity, IdentitySource, Transport } from './ports/hub-identity.ts'
import type { Log } from './ports/log.ts'
import type { TimeKeeper } from './time-keeper.ts'

export interface ConnectorParts {
  readonly identity: IdentitySource
  readonly open: (identity: HubIdentity, handlers: Handlers, attempt: Attempt) => Promise<HubConnection>
  readonly allowed: TransportChoice['allowed']
  readonly record: ConnectionRecord
  readonly time: TimeKeeper
  readonly clock: Clock
  readonly log: Log
}

type Handlers = ReadonlyMap<string, MethodHandler>

/** Two steps of the longer one, to be provisioned and to connect, end before the link's own deadline does. */
const deadlinesMs = { trusted: 35_000, doubtful: 20_000 } as const

/**
 * Finds the way to the hub: one try each call, which learns from those before it. A way that is blocked is left for the
 * other one; a refusal is answered by asking what time it is and, where the clock is right, who this device is.
 */
export function hubConnector(parts: ConnectorParts): ConnectToHub {
  const { identity, allowed, record, time, log } = parts
  let failures = 0

  function nextAttempt(): Attempt {
    const choice = { allowed, proven: record.known.transport, failures }
    const transport = nextTransport(choice)
    return { transport, deadlineMs: deadlinesMs[isTrusted(choice, transport) ? 'trusted' : 'doubtful'] }
  }

  async function learnFrom(error: unknown, host: string): Promise<void> {
    switch (failureOf(error)) {
      case 'refused':
        if ((await time.ask(host)) !== 'corrected') identity.doubt()
        return
      case 'clock':
        // Without trust there is nobody to ask either. Whatever sets this machine's clock will do it in the end.
        blockedByClock(parts)
        return
      case 'absent':
        identity.doubt()
        failures += 1
        return
      case 'network':
        failures += 1
    }
  }

  function succeeded(transport: Transport, host: string): void {
    failures = 0
    remember(parts, { transport, clockBlocksSince: undefined })
    void time.askOnce(host)
  }

  return async (handlers) => {
    const attempt = nextAttempt()
    let host = identity.host
    try {
      const who = await identity.current(attempt)
      host = who.hostName
      log('connecting', { hub: host, transport: attempt.transport })
      const connection = await parts.open(who, handlers, attempt)
      succeeded(attempt.transport, host)
      return connection
    } catch (error) {
      await learnFrom(error, host)
      throw error
    }
  }
}

function blockedByClock(parts: ConnectorParts): void {
  const says = new Date(parts.clock.now()).toISOString()
  parts.log('clock-doubtful', { says })
  remember(parts, { clockBlocksSince: parts.record.known.clockBlocksSince ?? says })
}

/** A record that cannot be written keeps nobody from the hub. */
function remember({ record, log }: ConnectorParts, news: Remembered): void {
  record.remember(news).catch((error: unknown) => {
    log('not-stored', { problem: textOf(error) })
  })
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
