import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isJsonObject, type Json } from './json.ts'
import { planRestoration, type Restoration } from './restoration.ts'

const plan = (kept: Json, present: Json): Restoration =>
  planRestoration({ desired: kept, tags: {} }, { desired: present, tags: {} })

/** What the hub makes of a value by a merge patch. */
function merged(value: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch
  const base = new Map(isJsonObject(value) ? Object.entries(value) : [])
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) base.delete(key)
    else base.set(key, merged(base.get(key), change))
  }
  return Object.fromEntries(base)
}

describe('what is put back into a twin', () => {
  test('is what is gone and what is another value now, by its place', () => {
    expect(plan({ rate: 5, mode: { night: true, day: 1 } }, { rate: 60, mode: { day: 1 } })).toEqual({
      values: [
        { section: 'desired', path: ['rate'], present: 60, kept: 5 },
        { section: 'desired', path: ['mode', 'night'], present: undefined, kept: true },
      ],
      sections: { desired: { rate: 5, mode: { night: true } } },
    })
  })

  test('is nothing of what was added since, in either section', () => {
    const present = { desired: { rate: 5, added: 1 }, tags: { site: 'oslo', note: 'new' } }
    expect(planRestoration({ desired: { rate: 5 }, tags: { site: 'oslo' } }, present)).toEqual({
      values: [],
      sections: {},
    })
  })

  test('names each section by its own', () => {
    const { values, sections } = planRestoration(
      { desired: {}, tags: { a: 1 } },
      { desired: { a: 1 }, tags: {} },
    )
    expect(sections).toEqual({ tags: { a: 1 } })
    expect(values.map(({ section }) => section)).toEqual(['tags'])
  })

  test.each<[string, Json, Json]>([
    ['the order of keys, also within a list', { a: [{ x: 1, y: 2 }] }, { a: [{ y: 2, x: 1 }] }],
    ['an object with nothing in it', { a: {} }, {}],
    ['a section that is no object', 'nonsense', {}],
  ])('is not changed by %s', (_, kept, present) => {
    expect(plan(kept, present).values).toEqual([])
  })

  test.each<[Json, Json]>([
    [{ a: [1, 2] }, { a: [1] }],
    [{ a: { b: 1 } }, { a: 7 }],
    [{ a: 7 }, { a: { b: 1 } }],
    [{ a: [{ b: 1 }] }, { a: [{ b: 1, c: 2 }] }],
    [{ toString: 1 }, {}],
  ])('tells %j from %j', (kept, present) => {
    expect(plan(kept, present).values).toHaveLength(1)
  })

  test('takes a key called __proto__ for a key', () => {
    const { sections } = plan(JSON.parse('{"__proto__":{"polluted":1}}') as Json, {})
    expect(JSON.stringify(sections)).toBe('{"desired":{"__proto__":{"polluted":1}}}')
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  const value = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.integer(),
      fc.boolean(),
      fc.string({ maxLength: 4 }),
      fc.array(fc.integer(), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('json'), { noNullPrototype: true }),
    ),
  })).json
  const section = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value, { noNullPrototype: true })

  test('is all there after the hub has merged it, and what stood beside it still is', () => {
    fc.assert(
      fc.property(section, section, (kept, present) => {
        const { sections, values } = plan(kept, present)
        const after = merged(present, sections.desired ?? {})
        expect(plan(kept, after).values).toEqual([])
        if (values.length === 0) expect(after).toEqual(present)
        // Nothing but what was named has changed: the way back names the same places.
        const overwritten = values
          .filter((each) => each.present !== undefined)
          .map(({ path }) => path.join('.'))
        const changed = plan(present, after).values.map(({ path }) => path.join('.'))
        for (const path of changed)
          expect(
            overwritten.some((each) => each === path || path.startsWith(`${each}.`) || each.startsWith(path)),
          ).toBe(true)
      }),
    )
  })
})
