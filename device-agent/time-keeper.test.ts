import { describe, expect, test } from 'vitest'
import { correctedClock } from './adapters/corrected-clock.ts'
import { fakeClock } from './testing/fake-clock.ts'
import { timeKeeper } from './time-keeper.ts'

const hour = 3_600_000

function newKeeper({ errorMs = 0, isClockKept = false, isSilent = false } = {}) {
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
    log: (event, fields) => void logged.push([event, fields]),
  })
  return { keeper, clock, truth, logged, world, asked: () => asked }
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

  test('is not done where something on the machine keeps its clock', async () => {
    const { keeper, asked } = newKeeper({ isClockKept: true })
    await keeper.askOnce('hub')
    expect(asked()).toBe(0)
  })
})
