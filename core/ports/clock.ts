export interface Clock {
  now(): Date
  /** Resolves after the time, or at once when the signal is aborted. */
  wait(durationMs: number, signal?: AbortSignal): Promise<void>
}
