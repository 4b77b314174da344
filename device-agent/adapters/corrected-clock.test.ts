import { describe, expect, test } from 'vitest'
import { fakeClock } from '../testing/fake-clock.ts'
import { correctedClock } from './corrected-clock.ts'

const year = 365 * 24 * 3_600_000

function clockThatIsOff(errorMs: number) {
  const machine = fakeClock()
  const truth = machine.now()
  machine.set(truth + errorMs)
  machine.isSet = false
  return { machine, truth, clock: correctedClock(machine) }
}

describe('a clock that nobody corrected', () => {
  test('is the machine’s own', async () => {
    const { machine, clock } = clockThatIsOff(0)
    await machine.advance(5_000)
    expect(clock.now()).toBe(machine.now())
    expect(clock.uptime()).toBe(5_000)
    expect(clock.isSynced()).toBe(false)
    machine.isSet = true
    expect(clock.isSynced()).toBe(true)
  })
})

describe('a clock that was told the time', () => {
  test.each([-56 * year, -10 * year, -2 * 3_600_000, 3_600_000, 10 * year])(
    'and was wrong by %d ms is right from then on',
    async (error) => {
      const { machine, clock, truth } = clockThatIsOff(error)
      clock.learn(truth)
      await machine.advance(90_000)
      expect(clock.now()).toBe(truth + 90_000)
      expect(clock.isSynced()).toBe(true)
    },
  )

  test('stays right when somebody sets the machine’s clock to anything', async () => {
    const { machine, clock, truth } = clockThatIsOff(-10 * year)
    clock.learn(truth)
    await machine.advance(1_000)
    machine.set(truth - 3 * year)
    expect(clock.now()).toBe(truth + 1_000)
  })

  test('follows the machine’s clock once that is set right, to the millisecond', async () => {
    const { machine, clock, truth } = clockThatIsOff(-10 * year)
    clock.learn(truth)
    await machine.advance(1_000)
    machine.set(truth + 1_000 + 321)
    expect(clock.now()).toBe(truth + 1_321)
  })

  test('and was nearly right is left alone: what it was told is not exact', () => {
    const { machine, clock, truth } = clockThatIsOff(30_000)
    clock.learn(truth)
    expect(clock.now()).toBe(machine.now())
  })

  test('believes who told it last', () => {
    const { clock, truth } = clockThatIsOff(-10 * year)
    clock.learn(truth - year)
    clock.learn(truth)
    expect(clock.now()).toBe(truth)
  })

  test('sleeps as long as it should', async () => {
    const { machine, clock, truth } = clockThatIsOff(-10 * year)
    clock.learn(truth)
    let isAwake = false
    void clock.sleep(1_000, new AbortController().signal).then(() => (isAwake = true))
    await machine.advance(999)
    expect(isAwake).toBe(false)
    await machine.advance(1)
    expect(isAwake).toBe(true)
  })
})

describe('a clock that is known to have been later', () => {
  const knownLater = (errorMs: number) => {
    const { machine, truth } = clockThatIsOff(errorMs)
    machine.isSet = true
    return { machine, truth, clock: correctedClock(machine, truth - 5 * year) }
  }

  test.each([-56 * year, -10 * year])('and fell back by %d ms goes on from what was known', async (error) => {
    const { machine, truth, clock } = knownLater(error)
    await machine.advance(90_000)
    expect(clock.now()).toBe(truth - 5 * year + 90_000)
    expect(clock.isSynced()).toBe(false)
  })

  test.each([0, -2 * year, 2 * year])(
    'and is off by no more than %d ms is believed as before',
    async (error) => {
      const { machine, clock } = knownLater(error)
      await machine.advance(90_000)
      expect(clock.now()).toBe(machine.now())
      expect(clock.isSynced()).toBe(true)
    },
  )

  test('believes who tells it the time, also an earlier one', () => {
    const { truth, clock } = knownLater(-56 * year)
    clock.learn(truth - 6 * year)
    expect(clock.now()).toBe(truth - 6 * year)
    expect(clock.isSynced()).toBe(true)
  })

  test('and is set back by a few seconds is believed: clocks are corrected now and then', () => {
    const { machine, truth } = clockThatIsOff(0)
    machine.isSet = true
    const clock = correctedClock(machine, truth)
    machine.set(truth - 5_000)
    expect(clock.now()).toBe(truth - 5_000)
    expect(clock.isSynced()).toBe(true)
  })

  test('is believed again when somebody sets it', () => {
    const { machine, truth, clock } = knownLater(-56 * year)
    machine.set(truth)
    expect(clock.now()).toBe(truth)
    expect(clock.isSynced()).toBe(true)
  })
})
