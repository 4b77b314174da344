export interface Backoff {
  readonly baseMs: number
  readonly capMs: number
}

/** Full jitter: a fleet that lost its hub at once does not come back at once. `random` gives 0 up to 1. */
export function backoffMs(failures: number, { baseMs, capMs }: Backoff, random: () => number): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.min(failures, 32)))
}
