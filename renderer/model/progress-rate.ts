import type { ActionSummary } from '../../contract/app/action.ts'
import { isRunning, settledCount } from './action-progress.ts'

/** How many devices had ended at a time. */
export interface Sample {
  readonly atMs: number
  readonly settled: number
}

export interface Rate {
  readonly perMinute: number
  readonly leftMs: number
}

const windowMs = 120_000
/** A shorter time says more about chance than about the rate. */
const shortestMs = 5_000
const minuteMs = 60_000

/** The samples with one more; those that are too old to say anything are dropped. */
export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const last = samples.at(-1)
  if (last && sample.atMs - last.atMs < 1_000) return samples
  return [...samples.filter(({ atMs }) => sample.atMs - atMs <= windowMs), sample]
}

/** How fast a running action gets on by what was seen of it lately; undefined while it is held, and while there is too little to say. */
export function rateOf(action: ActionSummary, samples: readonly Sample[], nowMs: number): Rate | undefined {
  const [first] = samples
  if (!first || !isRunning(action) || action.hold || nowMs - first.atMs < shortestMs) return undefined
  const settled = settledCount(action)
  const perMinute = ((settled - first.settled) / (nowMs - first.atMs)) * minuteMs
  if (perMinute <= 0) return undefined
  return { perMinute, leftMs: ((action.total - settled) / perMinute) * minuteMs }
}
