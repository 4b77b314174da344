import type { Problem } from '../../contract/app/problem.ts'
import type { HubPace } from './hub-pace.ts'

/** The first pause when the hub cannot be reached, and the longest. Milliseconds. */
const firstPauseMs = 2_000
const longestPauseMs = 60_000

/** A time in which the hub cannot be reached: nobody is asked, and the hub is tried again ever more rarely. */
export class Outage {
  readonly #pace: HubPace
  #pauses = 0
  #problem: Problem | undefined

  constructor(pace: HubPace) {
    this.#pace = pace
  }

  /** Why the hub cannot be reached; undefined when it can. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  goOn(problem: Problem): void {
    this.#problem = problem
    const { methods, updates, reads, connections } = this.#pace
    // Everything that was in flight fails at the same time, and is one failure.
    if (methods.pausedUntil !== undefined) return
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#pauses)
    this.#pauses += 1
    for (const pacer of [methods, updates, reads, connections]) pacer.pause(pauseMs)
  }

  end(): void {
    this.#problem = undefined
    this.#pauses = 0
  }
}
