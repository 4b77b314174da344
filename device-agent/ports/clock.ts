export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Rejects when aborted. An infinite sleep ends only so. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>
}
