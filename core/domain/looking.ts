import type { TargetEvent } from './target.ts'

/** How eagerly the twins of devices in flight are looked at. Milliseconds. */
export interface LookPace {
  readonly leastMs: number
  readonly mostMs: number
  /** The next look at a device of which nothing can be foretold comes after this share of the time that has passed. */
  readonly share: number
  /** Each look is billed, so most devices are looked at only when they should be done. */
  readonly isBilled: boolean
}

/** What is known of a device in flight when its next look is planned. */
export interface InFlight {
  readonly elapsedMs: number
  /** After how long it was looked at last, and was not done; 0 for never. */
  readonly missedMs: number
  /** How long the devices of this action took so far; undefined while nobody knows. */
  readonly usual: Usual | undefined
  /**
   * For one of the few that are looked at early, so that one learns how long it takes: where between two looks of the
   * first scout its own ones lie, from 0 to 1.
   */
  readonly scoutPhase: number | undefined
  /** The hub tells by itself what devices report, so that only those are looked at of which it tells nothing. */
  readonly isTold?: boolean
}

/** How long devices took. Milliseconds. */
export interface Usual {
  /** Nine of ten. */
  readonly mostMs: number
  /** The slowest one. */
  readonly longestMs: number
}

/** Time for the report to reach the hub after the device is back. */
const marginMs = 1_000
/** How long to wait before asking "does anybody know by now?" once more; that look costs nothing. */
const unknownMs = 5_000
/** When nobody has come back for so long, each device is looked at for itself. */
const patienceMs = 120_000

/** A planned look: `isReal` is false where the plan itself is to be looked at again, without asking the hub. */
export interface PlannedLook {
  readonly delayMs: number
  readonly isReal: boolean
}

/**
 * When to look at a device next. A device that is gone is looked at ever more rarely; where looks are billed, and it
 * is known how long the others took, the first look comes when nine of ten are done, and the second when all were.
 */
export function planLook(pace: LookPace, device: InFlight): PlannedLook {
  const { elapsedMs, missedMs, usual, scoutPhase, isTold } = device
  const blind = Math.min(pace.mostMs, blindDelayMs(pace, elapsedMs, scoutPhase ?? 0))
  if (!pace.isBilled) return { delayMs: blind, isReal: true }
  if (isTold) return afterSilence(pace, elapsedMs, usual)
  if (usual === undefined) {
    return elapsedMs < patienceMs && scoutPhase === undefined
      ? { delayMs: unknownMs, isReal: false }
      : { delayMs: blind, isReal: true }
  }
  const expectedMs = [usual.mostMs, usual.longestMs]
    .map((durationMs) => Math.ceil(durationMs) + marginMs)
    .find((durationMs) => durationMs > missedMs)
  // By then more is known: the others may take longer than they did.
  if (expectedMs !== undefined)
    return { delayMs: Math.max(0, expectedMs - elapsedMs), isReal: expectedMs <= elapsedMs }
  return { delayMs: Math.min(pace.mostMs, Math.max(pace.leastMs, elapsedMs * lateShare)), isReal: true }
}

/** A device of which the hub tells nothing, although the others are done long since. */
function afterSilence({ mostMs }: LookPace, elapsedMs: number, usual: Usual | undefined): PlannedLook {
  const expectedMs = usual ? usual.longestMs * silentShare + marginMs : patienceMs
  if (elapsedMs < expectedMs) return { delayMs: expectedMs - elapsedMs, isReal: true }
  return { delayMs: Math.min(mostMs, elapsedMs * silentShare - elapsedMs), isReal: true }
}

/** So much longer than the slowest one a device may be silent before it is looked at. */
const silentShare = 1.5

/** Each look comes when so much more time has passed; the phases of the scouts fill the gaps between them. */
function blindDelayMs({ leastMs, share, isBilled }: LookPace, elapsedMs: number, phase: number): number {
  if (elapsedMs === 0) return leastMs * (1 + share) ** phase
  return isBilled ? elapsedMs * share : Math.max(leastMs, elapsedMs * share)
}

/** A device that is later than every other is looked at after this share of its time. */
const lateShare = 0.1

/** The share of the day's messages that may go into asking whether devices that are offline are back. */
const shareForReturns = 0.05

/** How often a device that is offline is looked at, where so many are. */
export interface Away {
  readonly devices: number
  /** How often this one was looked at already. */
  readonly looks: number
  readonly messagesPerDay: number
}

/** When to look whether a device that is offline is back; somebody may tell sooner. Milliseconds. */
export function nextReturnLookMs({ isBilled }: LookPace, { devices, looks, messagesPerDay }: Away): number {
  const [leastMs, mostMs] = isBilled ? [60_000, 900_000] : [1_000, 10_000]
  const affordableMs = (devices * 86_400_000) / (messagesPerDay * shareForReturns)
  return Math.max(affordableMs, Math.min(mostMs, leastMs * 2 ** looks))
}

/** The agent answers first and restarts a second later, and its report needs a moment. Milliseconds. */
const saidAfterMs = 1_500

/** The device's own word for how long it was down is nearer to the truth than when it was looked at, if it can be true. */
export function durationOf({ evidence }: TargetEvent, missedMs: number, seenAfterMs: number): number {
  const downMs = evidence?.kind === 'boot-id' ? evidence.downMs : undefined
  return downMs === undefined ? seenAfterMs : Math.min(Math.max(downMs + saidAfterMs, missedMs), seenAfterMs)
}

/** So many times are remembered: enough for a tenth of them to mean something, few enough to follow a change. */
const mostSamples = 100

/** The first ones say most; planning a hundred thousand looks anew for each would not be worth it. */
const turningPoints: ReadonlySet<number> = new Set([1, 3, 10, 30])

/** How much slower than the one that is known the others may be. */
const firstDoubt = 0.1

/** How long the devices of one action took, from being asked to being proven. Milliseconds. */
export class Durations {
  readonly #samples: number[] = []
  #next = 0
  #usual: Usual | undefined

  add(durationMs: number): void {
    this.#samples[this.#next] = durationMs
    this.#next = (this.#next + 1) % mostSamples
    this.#usual = undefined
  }

  /** Whether the last one changed the picture so much that plans made before are worth making anew. */
  get isTurningPoint(): boolean {
    return turningPoints.has(this.#samples.length) && this.#next === this.#samples.length
  }

  /** Undefined before the first. */
  get usual(): Usual | undefined {
    if (this.#samples.length > 0) this.#usual ??= this.#ofSamples()
    return this.#usual
  }

  #ofSamples(): Usual {
    const sorted = this.#samples.toSorted((left, right) => left - right)
    const at = (index: number): number => sorted[Math.min(sorted.length - 1, index)] ?? 0
    // The first to come back are the fast ones: few of them say little about the slow ones.
    const doubt = 1 + firstDoubt / Math.sqrt(sorted.length)
    return { mostMs: at(Math.floor(sorted.length * 0.9)) * doubt, longestMs: at(sorted.length - 1) * doubt }
  }
}
