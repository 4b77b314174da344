import type { Clock } from './ports/clock.ts'

export interface Deadline {
  readonly clock: Clock
  readonly timeoutMs: number
  /** What did not happen in time, for the message. */
  readonly what: string
}

/** Settles like `work`, or rejects after the timeout; what `work` does afterwards is ignored. */
export async function withDeadline<Value>(work: Promise<Value>, deadline: Deadline): Promise<Value> {
  const settled = new AbortController()
  const timeout = deadline.clock.sleep(deadline.timeoutMs, settled.signal).then(
    () => Promise.reject(new Error(`${deadline.what}: no answer within ${deadline.timeoutMs} ms`)),
    // Aborted because the work settled first: never a result of its own.
    () => new Promise<never>(() => undefined),
  )
  try {
    return await Promise.race([work, timeout])
  } finally {
    // With a reason: without one, each makes an error that nobody looks at.
    settled.abort(settled)
  }
}
