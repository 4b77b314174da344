import { withDeadline } from './deadline.ts'
import { backoffMs } from './domain/backoff.ts'
import { keepTwinTrue, type OutboxParts } from './outbox.ts'
import type { ConnectToHub, HubConnection, MethodHandler } from './ports/hub-connection.ts'
import { powerCut } from './ports/machine.ts'
import type { AgentSettings } from './settings.ts'
import type { UpdateLock } from './update-lock.ts'

export interface LinkParts extends OutboxParts {
  readonly connect: ConnectToHub
  readonly updateLock: UpdateLock
  readonly handlers: ReadonlyMap<string, MethodHandler>
  readonly settings: AgentSettings
}

/**
 * Connects again and again, each time anew: the SDK gives up for good on "not authorized", which a clock that is
 * not set yet causes, on a reset socket, and after four minutes.
 */
export async function stayConnected(parts: LinkParts, signal: AbortSignal): Promise<void> {
  const { clock, log, settings, random } = parts
  let failures = 0
  if (settings.connectSpreadMs > 0)
    await clock.sleep(random() * settings.connectSpreadMs, signal).catch(() => undefined)
  while (!isAborted(signal)) {
    const startedAt = clock.uptime()
    const cause = await connectOnce(parts, signal)
    failures = clock.uptime() - startedAt >= settings.steadyMs ? 0 : failures + 1
    if (isAborted(signal)) return
    const waitMs = backoffMs(failures - 1, settings.backoff, random)
    log('disconnected', { cause, waitMs })
    await clock.sleep(waitMs, signal).catch(() => undefined)
  }
}

/** Resolves with the reason why there is no connection any more. */
async function connectOnce(parts: LinkParts, signal: AbortSignal): Promise<string> {
  const { clock, settings } = parts
  parts.updateLock.forget()
  const connecting = parts.connect(parts.handlers)
  try {
    const deadline = { clock, timeoutMs: settings.connectDeadlineMs, what: 'connect' }
    const connection = await withDeadline(untilAborted(connecting, signal), deadline)
    return await holdConnection(parts, connection, signal)
  } catch (error) {
    // One that comes late would throw the next one out: a hub keeps one connection per device.
    connecting.then((late) => leave(parts, late, signal)).catch(() => undefined)
    return error instanceof Error ? error.message : String(error)
  }
}

async function holdConnection(
  parts: LinkParts,
  connection: HubConnection,
  signal: AbortSignal,
): Promise<string> {
  const over = new AbortController()
  try {
    const work = keepTwinTrue(parts, connection, over.signal)
    return await untilAborted(Promise.race([connection.lost, work]), signal)
  } finally {
    parts.presence.leave()
    over.abort()
    await leave(parts, connection, signal)
  }
}

/** A hub that does not take the goodbye must not keep the agent from its next connection. */
async function leave(parts: LinkParts, connection: HubConnection, signal: AbortSignal): Promise<void> {
  if (signal.reason === powerCut) {
    connection.cut()
    return
  }
  const deadline = { clock: parts.clock, timeoutMs: parts.settings.goodbyeDeadlineMs, what: 'goodbye' }
  await withDeadline(connection.close(), deadline).catch(() => {
    connection.cut()
  })
}

function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => {
    reject(new Error('stopped'))
  }
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([work, promise]).finally(() => {
    signal.removeEventListener('abort', onAbort)
  })
}

/** A call, so that the compiler does not think that a signal stays what it was before an await. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
