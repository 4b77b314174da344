import { messageOf } from './message-of.ts'
import type { CorrectedClock } from './ports/corrected-clock.ts'
import type { Log } from './ports/log.ts'
import type { TimeRecord } from './ports/time-record.ts'

export interface TimeKeeperParts {
  readonly clock: CorrectedClock
  /** What time it is to a host. */
  readonly timeOf: (host: string) => Promise<number>
  /** Whether something on this machine keeps its clock right. */
  readonly isClockKept: () => boolean
  readonly record: TimeRecord
  readonly log: Log
}

export interface TimeKeeper {
  /** Asks a host what time it is, and tells the clock. Never rejects. */
  ask(host: string): Promise<'corrected' | 'right' | 'unknown'>
  /** The same, unless the time is known already or somebody else keeps the clock. */
  askOnce(host: string): Promise<void>
  /** Remembers, day by day from the first time that is known, how late it is. Resolves when aborted. */
  remember(signal: AbortSignal): Promise<void>
}

/** A clock that is wrong by less is no reason for a refusal: the tokens are good for an hour. */
const harmlessMs = 60_000

const dayMs = 24 * 3_600_000

/** Learns the time from the hub: a board without a battery may be years behind, and nobody else may tell it. */
export function timeKeeper({ clock, timeOf, isClockKept, record, log }: TimeKeeperParts): TimeKeeper {
  let isKnown = false

  async function note(): Promise<void> {
    await record.remember(clock.now()).catch((error: unknown) => {
      log('not-stored', { problem: messageOf(error) })
    })
  }

  async function ask(host: string): Promise<'corrected' | 'right' | 'unknown'> {
    let error: number
    try {
      const now = await timeOf(host)
      error = now - clock.now()
      clock.learn(now)
    } catch (problem) {
      log('time-unknown', { host, problem: messageOf(problem) })
      return 'unknown'
    }
    isKnown = true
    await note()
    if (Math.abs(error) <= harmlessMs) return 'right'
    log('clock-corrected', { byMs: error })
    return 'corrected'
  }

  return {
    ask,
    async askOnce(host) {
      if (!isKnown && !(isClockKept() && clock.isSynced())) await ask(host)
    },
    async remember(signal) {
      while (!signal.aborted) {
        if (isKnown || isClockKept()) await note()
        await clock.sleep(dayMs, signal).catch(() => undefined)
      }
    },
  }
}
