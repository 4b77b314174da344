import { describe, expect, test } from 'vitest'
import { Durations, nextReturnLookMs, planLook, type InFlight, type LookPace, type Usual } from './looking.ts'

const billed: LookPace = { leastMs: 4_000, mostMs: 60_000, share: 0.5, isBilled: true }
const free: LookPace = { leastMs: 500, mostMs: 15_000, share: 0.25, isBilled: false }

const usual = (mostMs: number, longestMs = mostMs): Usual => ({ mostMs, longestMs })

/** At which elapsed times a device is really looked at until it is done. */
function looks(pace: LookPace, device: Omit<InFlight, 'elapsedMs' | 'missedMs'>, doneMs: number): number[] {
  const times: number[] = []
  for (let elapsedMs = 0; times.at(-1) === undefined || (times.at(-1) ?? 0) < doneMs;) {
    const { delayMs, isReal } = planLook(pace, { ...device, elapsedMs, missedMs: times.at(-1) ?? 0 })
    elapsedMs += delayMs
    if (isReal) times.push(elapsedMs)
  }
  return times
}

describe('a device in flight', () => {
  test('is looked at ever more rarely, within the limits, where looks cost nothing', () => {
    const delays = [0, 1_000, 4_000, 20_000, 600_000].map(
      (elapsedMs) =>
        planLook(free, { elapsedMs, missedMs: 0, usual: usual(1), scoutPhase: undefined }).delayMs,
    )
    expect(delays).toEqual([500, 500, 1_000, 5_000, 15_000])
  })

  test('is looked at once where looks are billed and it takes as long as the others did', () => {
    expect(looks(billed, { usual: usual(60_000), scoutPhase: undefined }, 55_000)).toEqual([61_000])
  })

  test('is planned anew when it should be done: the others may take longer by then', () => {
    const device = { elapsedMs: 20_000, missedMs: 0, scoutPhase: undefined }
    expect(planLook(billed, { ...device, usual: usual(60_000) })).toEqual({ delayMs: 41_000, isReal: false })
    const due = { ...device, elapsedMs: 61_000 }
    expect(planLook(billed, { ...due, usual: usual(60_000) })).toEqual({ delayMs: 0, isReal: true })
    expect(planLook(billed, { ...due, usual: usual(70_000) })).toEqual({ delayMs: 10_000, isReal: false })
  })

  test('is looked at in whole milliseconds, so that no plan is due a moment before itself', () => {
    const device = { elapsedMs: 61_000, missedMs: 0, usual: usual(60_000.4), scoutPhase: undefined }
    expect(planLook(billed, device).delayMs).toBe(1)
  })

  test('that is late is looked at again soon, and then ever more rarely', () => {
    const times = looks(billed, { usual: usual(60_000), scoutPhase: undefined }, 200_000)
    expect(times[0]).toBe(61_000)
    expect(times.length).toBeLessThanOrEqual(14)
  })

  test('that is later than nine of ten is looked at when the slowest of the others was done', () => {
    expect(looks(billed, { usual: usual(60_000, 66_000), scoutPhase: undefined }, 65_000)).toEqual([
      61_000, 67_000,
    ])
  })

  test('is not looked at while nobody knows how long it takes: the scouts find out', () => {
    expect(
      planLook(billed, { elapsedMs: 10_000, missedMs: 0, usual: undefined, scoutPhase: undefined }).isReal,
    ).toBe(false)
    expect(looks(billed, { usual: undefined, scoutPhase: 0 }, 60_000).length).toBeLessThanOrEqual(10)
  })

  test('that nobody has looked at is looked at now when it should be done by now', () => {
    const device = { elapsedMs: 75_000, missedMs: 0, usual: usual(60_000), scoutPhase: undefined }
    expect(planLook(billed, device)).toEqual({ delayMs: 0, isReal: true })
  })

  test('is not looked at while the hub tells by itself, unless it is silent for long', () => {
    const device = { usual: usual(60_000), scoutPhase: 0, isTold: true }
    expect(planLook(billed, { ...device, elapsedMs: 1_000, missedMs: 0 }).delayMs).toBe(90_000)
    expect(looks(billed, device, 200_000).length).toBeLessThanOrEqual(4)
  })

  test('is found out by one of five scouts within a tenth of its time', () => {
    for (const doneMs of [20_000, 33_000, 61_000, 95_000]) {
      const found = [0, 0.2, 0.4, 0.6, 0.8].map(
        (scoutPhase) => looks(billed, { usual: undefined, scoutPhase }, doneMs).at(-1) ?? 0,
      )
      expect(Math.min(...found)).toBeLessThanOrEqual(doneMs * 1.1)
    }
  })

  test('is looked at in the end even when nobody ever came back', () => {
    expect(looks(billed, { usual: undefined, scoutPhase: undefined }, 100_000)[0]).toBeLessThan(200_000)
  })
})

describe('how long it usually takes', () => {
  const after = (...times: readonly number[]): number | undefined => {
    const durations = new Durations()
    for (const time of times) durations.add(time)
    return durations.usual?.mostMs
  }

  test('is unknown before the first device is done', () => {
    expect(after()).toBeUndefined()
    expect(after(1_000)).toBeCloseTo(1_100)
  })

  test('is what nine of ten keep to', () => {
    expect(after(...Array.from({ length: 100 }, (_, index) => index + 1))).toBeCloseTo(91 * 1.01)
  })

  test('is worth planning anew for at the first few, and then no more', () => {
    const durations = new Durations()
    const turns = Array.from({ length: 300 }, (_, index) => {
      durations.add(1_000)
      return durations.isTurningPoint ? index + 1 : 0
    })
    expect(turns.filter((turn) => turn > 0)).toEqual([1, 3, 10, 30])
  })

  test('follows a change, and forgets what is long ago', () => {
    expect(after(...Array<number>(500).fill(60_000), ...Array<number>(100).fill(5_000))).toBeCloseTo(5_050)
  })
})

describe('a device that is offline', () => {
  const away = { devices: 1, looks: 0, messagesPerDay: 400_000 }

  test('is looked at ever more rarely', () => {
    const delays = [0, 1, 3, 20].map((looks) => nextReturnLookMs(billed, { ...away, looks }))
    expect(delays).toEqual([60_000, 120_000, 480_000, 900_000])
  })

  test('costs with all the others no more than a twentieth of the messages of a day', () => {
    for (const devices of [1_000, 50_000]) {
      const delayMs = nextReturnLookMs(billed, { ...away, devices })
      expect((devices * 86_400_000) / delayMs).toBeLessThanOrEqual(20_000.001)
    }
  })

  test('is found soon where looks cost nothing', () => {
    expect(nextReturnLookMs(free, { devices: 100, looks: 50, messagesPerDay: Infinity })).toBe(10_000)
  })
})
