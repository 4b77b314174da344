import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { Changes } from './changes.ts'
import { Pacer } from './pacer.ts'
import { Signal } from './signal.ts'

describe('changes', () => {
  test('are new to a watcher once', () => {
    const changes = new Changes<string, { id: string }>()
    changes.set('a', { id: 'a' })
    const { version } = changes
    changes.set('b', { id: 'b' })
    expect(changes.since(0).changed).toHaveLength(2)
    expect(changes.since(version)).toEqual({ changed: [{ id: 'b' }], removed: [] })
    expect(changes.since(changes.version)).toEqual({ changed: [], removed: [] })
  })

  test('a key that came back is not removed', () => {
    const changes = new Changes<string, string>()
    changes.set('a', 'first')
    const { version } = changes
    changes.delete('a')
    expect(changes.since(version).removed).toEqual(['a'])
    changes.set('a', 'second')
    expect(changes.since(version)).toEqual({ changed: ['second'], removed: [] })
  })

  test('bring any watcher, whenever it looks, to the same state', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      value: fc.option(fc.nat()),
      looks: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const changes = new Changes<string, { key: string; value: number }>()
        const seen = new Map<string, number>()
        let version = 0
        const look = (): void => {
          const { changed, removed } = changes.since(version)
          for (const key of removed) seen.delete(key)
          for (const { key, value } of changed) seen.set(key, value)
          version = changes.version
        }
        for (const { key, value, looks } of steps) {
          if (value === null) changes.delete(key)
          else changes.set(key, { key, value })
          if (looks) look()
        }
        look()
        expect(seen).toEqual(new Map([...changes.values()].map(({ key, value }) => [key, value])))
      }),
    )
  })
})

describe('a signal', () => {
  test('wakes everybody who waits, once', async () => {
    const signal = new Signal()
    const { signal: never } = new AbortController()
    const woken: string[] = []
    const first = signal.next(never).then(() => woken.push('a'))
    const second = signal.next(never).then(() => woken.push('b'))
    signal.notify()
    await Promise.all([first, second])
    expect(woken).toEqual(['a', 'b'])
  })

  test('lets go of whoever leaves', async () => {
    const signal = new Signal()
    const leaving = new AbortController()
    const waiting = signal.next(leaving.signal)
    leaving.abort()
    await waiting
    await signal.next(leaving.signal)
  })
})

describe('a pacer', () => {
  const { signal: never } = new AbortController()

  test('keeps the rate, and the order', async () => {
    const clock = new FakeClock()
    const pacer = new Pacer({ perSecond: 10, burst: 1 }, clock)
    const start = clock.now().getTime()
    const times: number[] = []
    await Promise.all(
      [0, 1, 2, 3].map(async () => {
        await pacer.take(never)
        times.push(clock.now().getTime() - start)
      }),
    )
    expect(times).toEqual([0, 100, 200, 300])
  })

  test('makes everybody wait when the other side asks for it', async () => {
    const clock = new FakeClock()
    const pacer = new Pacer({ perSecond: 1000, burst: 100 }, clock)
    const start = clock.now().getTime()
    pacer.pause(5_000)
    await Promise.all([pacer.take(never), pacer.take(never)])
    expect(clock.now().getTime() - start).toBeGreaterThanOrEqual(5_000)
  })
})
