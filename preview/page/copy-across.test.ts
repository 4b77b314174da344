import { runInThisContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { copyAcross, copyAcrossSource, deepFreeze } from './copy-across.ts'

describe('a copy across the bridge', () => {
  test('holds the same values in other objects', () => {
    const original = { text: 'a', list: [1, { deep: true }], nothing: null, missing: undefined }
    const copy = copyAcross(original) as typeof original
    expect(copy).toEqual(original)
    expect(copy).not.toBe(original)
    expect(copy.list[1]).not.toBe(original.list[1])
  })

  test('calls the original function with copies, and gives a copy of its answer', () => {
    const seen: unknown[] = []
    const answer = { n: 1 }
    const argument = { m: 2 }
    const copy = copyAcross((each: unknown) => (seen.push(each), answer)) as (each: unknown) => unknown
    expect(copy(argument)).toEqual(answer)
    expect(copy(argument)).not.toBe(answer)
    expect(seen[0]).toEqual(argument)
    expect(seen[0]).not.toBe(argument)
  })

  test('lets a function that is passed in be called back', () => {
    const heard: unknown[] = []
    const subscribe = copyAcross((listener: (word: unknown) => void) => listener({ word: 'hello' })) as (
      listener: (word: unknown) => void,
    ) => void
    subscribe((word) => heard.push(word))
    expect(heard).toEqual([{ word: 'hello' }])
  })

  test('follows promises', async () => {
    expect(await copyAcross(Promise.resolve({ n: 1 }))).toEqual({ n: 1 })
    const failure = Object.assign(new TypeError('broken'), { secret: 'x' })
    const reason: unknown = await (copyAcross(Promise.reject(failure)) as Promise<unknown>).catch(
      (each: unknown) => each,
    )
    expect(reason).toEqual(new Error('broken'))
    expect(reason).not.toHaveProperty('secret')
  })

  test('drops prototypes, and keeps dates and bytes', () => {
    class Point {
      x = 1
      length(): number {
        return this.x
      }
    }
    const copy = copyAcross({ point: new Point(), date: new Date(0), bytes: new Uint8Array([1]) }) as Record<
      string,
      unknown
    >
    expect(Object.getPrototypeOf(copy['point'])).toBe(Object.prototype)
    expect(copy['point']).toEqual({ x: 1 })
    expect(copy['date']).toEqual(new Date(0))
    expect(copy['bytes']).toEqual(new Uint8Array([1]))
  })

  test('keeps a circle a circle', () => {
    const original: Record<string, unknown> = {}
    original['self'] = original
    const copy = copyAcross(original) as Record<string, unknown>
    expect(copy['self']).toBe(copy)
    expect(copy).not.toBe(original)
  })

  test('refuses symbols', () => {
    expect(() => copyAcross({ mark: Symbol('x') })).toThrow(TypeError)
  })
})

test('what is frozen is frozen all the way down', () => {
  const api = deepFreeze({ inner: { list: [1] } }) as { inner: { list: number[] } }
  expect([Object.isFrozen(api), Object.isFrozen(api.inner), Object.isFrozen(api.inner.list)]).toEqual([
    true,
    true,
    true,
  ])
})

test('the text of the functions runs by itself', () => {
  const copy = runInThisContext(`(() => { ${copyAcrossSource()}; return copyAcross })()`) as typeof copyAcross
  expect(copy({ a: [() => 1] })).toEqual({ a: [expect.any(Function)] })
})
