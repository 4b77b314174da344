import type { Clock } from '../ports/clock.ts'
import type { CorrectedClock } from '../ports/corrected-clock.ts'

/** A hub's `Date` has whole seconds, and its answer was on the way for some more. */
const toleranceMs = 60_000

interface Known {
  readonly now: number
  readonly uptime: number
}

/**
 * The clock of a machine that may be wrong. What was learnt goes on with the time since the machine's start, which
 * nobody sets; once the machine's own clock agrees with it, that clock is believed again. Until something is learnt it
 * is not before `earliest`: it was later than that already.
 */
export function correctedClock(machine: Clock, earliest = -Infinity): CorrectedClock {
  const floor: Known = { now: earliest, uptime: machine.uptime() }
  let learnt: Known | undefined
  const goOn = (from: Known) => from.now + (machine.uptime() - from.uptime)
  const isBehind = () => machine.now() < goOn(floor) - toleranceMs
  return {
    learn(now) {
      learnt = { now, uptime: machine.uptime() }
    },
    now() {
      const own = machine.now()
      if (learnt === undefined) return isBehind() ? Math.round(goOn(floor)) : own
      const truth = goOn(learnt)
      return Math.abs(own - truth) <= toleranceMs ? own : Math.round(truth)
    },
    isSynced: () => learnt !== undefined || (machine.isSynced() && !isBehind()),
    uptime: () => machine.uptime(),
    sleep: (durationMs, signal) => machine.sleep(durationMs, signal),
  }
}
