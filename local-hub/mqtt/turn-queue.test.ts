import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { TurnQueue } from './turn-queue.ts'

function open() {
  const clock = new FakeClock()
  const turns = new TurnQueue(clock)
  const done: string[] = []
  const run = (delayMs: number, name: string) => {
    turns.run(delayMs, () => void done.push(name))
  }
  return { clock, turns, done, run }
}

describe('the turns of a device', () => {
  test('work without delay runs at once', () => {
    const { done, run, clock } = open()
    run(0, 'a')
    expect([done, clock.timerCount]).toEqual([['a'], 0])
  })

  test('delayed work runs when its time has come', () => {
    const { done, run, clock } = open()
    run(100, 'a')
    clock.advance(99)
    expect(done).toEqual([])
    clock.advance(1)
    expect(done).toEqual(['a'])
  })

  test('later work never overtakes, and earlier work never hurries', () => {
    const { done, run, clock } = open()
    run(100, 'a')
    run(50, 'b')
    run(0, 'c')
    clock.advance(99)
    expect(done).toEqual([])
    clock.advance(1)
    expect(done).toEqual(['a', 'b', 'c'])
    run(0, 'd')
    expect(done).toEqual(['a', 'b', 'c', 'd'])
  })

  test('what waits when the device goes is dropped, and leaves no timer', () => {
    const { done, run, clock, turns } = open()
    run(100, 'a')
    run(200, 'b')
    turns.clear()
    expect(clock.timerCount).toBe(0)
    clock.advance(1000)
    expect(done).toEqual([])
  })
})
