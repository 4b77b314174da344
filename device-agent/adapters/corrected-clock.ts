import type { Clock } from '../ports/clock.ts'
import type { CorrectedClock } from '../ports/corrected-clock.ts'

/** A hub's `Date` has whole seconds, and its answer was on the way for some more. */
const toleranceMs = 60_000

/**
 * The clock of a machine that may be wrong. What was learnt goes on with the time since the machine's start, which
 * nobody sets; once the machine's own clock agrees with it, that clock is believed again.
 */
export function correctedClock(machine: Clock): CorrectedClock {
  let learnt: { readonly now: number; readonly uptime: number } | undefined
  return {
    learn(now) {
      learnt = { now, uptime: machine.uptime() }
    },
    now() {
      const own = machine.now()
      if (learnt === undefined) return own
      const truth = learnt.now + (machine.uptime() - learnt.uptime)
      return Math.abs(own - truth) <= toleranceMs ? own : Math.round(truth)
    },
    isSynced: () => learnt !== undefined || machine.isSynced(),
    uptime: () => machine.uptime(),
    sleep: (durationMs, signal) => machine.sleep(durationMs, signal),
  }
}
