import type { Clock } from './clock.ts'

/** A clock that may be told what time it really is. */
export interface CorrectedClock extends Clock {
  /** The time now, from someone who is believed. In milliseconds since 1970. */
  learn(now: number): void
}
