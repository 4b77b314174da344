import type { CorrectedClock } from './ports/corrected-clock.ts'
import type { Log } from './ports/log.ts'

export interface TimeKeeperParts {
  readonly clock: CorrectedClock
  /** What time it is to a host. */
  readonly timeOf: (host: string) => Promise<number>
  /** Whether something on this machine keeps its clock right. */
  readonly isClockKept: () => boolean
  readonly log: Log
}

export interface TimeKeeper {
  /** Asks a host what time it is, and tells the clock. Never rejects. */
  ask(host: string): Promise<'corrected' | 'right' | 'unknown'>
  /** The same, unless the time is known already or somebody else keeps the clock. */
  askOnce(host: string): Promise<void>
}

/** A clock that is wrong by less is no reason for a refusal: the tokens are good for an hour. */
const harmlessMs = 60_000

/** Learns the time from the hub: a board without a battery may be years behind, and nobody else may tell it. */
export function timeKeeper({ clock, timeOf, isClockKept, log }: TimeKeeperParts): TimeKeeper {
  let isKnown = false

  async function ask(host: string): Promise<'corrected' | 'right' | 'unknown'> {
    let error: number
    try {
      const now = await timeOf(host)
      error = now - clock.now()
      clock.learn(now)
    } catch (problem) {
      log('time-unknown', { host, problem: problem instanceof Error ? problem.message : String(problem) })
      return 'unknown'
    }
    isKnown = true
    if (Math.abs(error) <= harmlessMs) return 'right'
    log('clock-corrected', { byMs: error })
    return 'corrected'
  }

  return {
    ask,
    async askOnce(host) {
      if (!isKnown && !isClockKept()) await ask(host)
    },
  }
}
