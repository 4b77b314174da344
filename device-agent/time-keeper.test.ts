import { describe, expect, test } from 'vitest'
import { correctedClock } from './adapters/corrected-clock.ts'
import { fakeClock } from './testing/fake-clock.ts'
import { timeKeeper } from './time-keeper.ts'

const hour = 3_600_000

function newKeeper({ errorMs = 0, isClockKept = false, isSilent = false, isFull = false } = {}) {
  const remembered: number[] = []
  const machine = fakeClock()
  const truth = machine.now()
  machine.set(truth + errorMs)
  const clock = correctedClock(machine)
  const logged: unknown[] = []
  let asked = 0
  const world = { isSilent }
  const keeper = timeKeeper({
    clock,
    timeOf: () => {
      asked += 1
      return world.isSilent ? Promise.reject(new Error('ETIMEDOUT')) : Promise.resolve(truth)
    },
    isClockKept: () => isClockKept,
    record: {
      known: undefined,
      remember(now) {
        remembered.push(now)
        return isFull ? Promise.reject(new Error('ENOSPC')) : Promise.resolve()
      },
    },
    log: (event, fields) => void logged.push([event, fields]),
  })
  return { keeper, clock, machine, truth, logged, world, remembered, asked: () => asked }
}

describe('asking for the time', () => {
  test.each([-10 * 365 * 24 * hour, -2 * hour, 2 * hour])(
    'corrects a clock that is wrong by %d ms, and says by how much',
    async (errorMs) => {
      const { keeper, clock, truth, logged } = newKeeper({ errorMs })
      expect(await keeper.ask('hub')).toBe('corrected')
      expect(clock.now()).toBe(truth)
      expect(logged).toEqual([['clock-corrected', { byMs: -errorMs }]])
      expect(await keeper.ask('hub')).toBe('right')
    },
  )

  test('says nothing of a clock that is right', async () => {
    const { keeper, logged } = newKeeper({ errorMs: 5_000 })
    expect(await keeper.ask('hub')).toBe('right')
    expect(logged).toEqual([])
  })

  test('that nobody answers changes nothing, and never rejects', async () => {
    const { keeper, clock, truth, logged } = newKeeper({ errorMs: -hour, isSilent: true })
    expect(await keeper.ask('hub')).toBe('unknown')
    expect(clock.now()).toBe(truth - hour)
    expect(logged).toEqual([['time-unknown', { host: 'hub', problem: 'ETIMEDOUT' }]])
  })
})

describe('asking once', () => {
  test('is not done again when the time is known', async () => {
    const { keeper, asked } = newKeeper()
    for (const _ of [1, 2, 3]) await keeper.askOnce('hub')
    expect(asked()).toBe(1)
  })

  test('is done again until somebody has answered', async () => {
    const { keeper, world, asked } = newKeeper({ isSilent: true })
    await keeper.askOnce('hub')
    world.isSilent = false
    for (const _ of [1, 2, 3]) await keeper.askOnce('hub')
    expect(asked()).toBe(2)
  })

  test('is done all the same where a clock that is kept is behind what was known', async () => {
    const { keeper, machine, asked } = newKeeper({ isClockKept: true })
    machine.isSet = false
    await keeper.askOnce('hub')
    expect(asked()).toBe(1)
  })

  test('is not done where something on the machine keeps its clock', async () => {
    const { keeper, asked } = newKeeper({ isClockKept: true })
    await keeper.askOnce('hub')
    expect(asked()).toBe(0)
  })
})

describe('the last known time', () => {
  const day = 24 * hour

  test('is remembered when the hub has told it, and then every day', async () => {
    const { keeper, machine, truth, remembered } = newKeeper({ errorMs: -10 * 365 * day })
    const stop = new AbortController()
    const work = keeper.remember(stop.signal)
    await machine.advance(2 * day)
    // What a clock says that nobody has confirmed is not worth remembering.
    expect(remembered).toEqual([])
    await keeper.ask('hub')
    await machine.advance(2 * day)
    expect(remembered).toEqual([truth, truth + day, truth + 2 * day])
    stop.abort()
    await work
  })

  test('is remembered from the first moment where something on the machine keeps its clock', async () => {
    const { keeper, truth, remembered } = newKeeper({ isClockKept: true })
    const stop = new AbortController()
    const work = keeper.remember(stop.signal)
    expect(remembered).toEqual([truth])
    stop.abort()
    await work
  })

  test('that cannot be written keeps nobody from anything', async () => {
    const { keeper, logged } = newKeeper({ isFull: true })
    expect(await keeper.ask('hub')).toBe('right')
    expect(logged).toEqual([['not-stored', { problem: 'ENOSPC' }]])
  })
})
