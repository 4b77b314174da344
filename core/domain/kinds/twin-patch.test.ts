import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ActionId } from '../../../contract/app/ids.ts'
import { drover } from '../dialects/drover.ts'
import type { Json } from '../json.ts'
import type { Following, Sighting } from './kind.ts'
import { twinPatchRules } from './twin-patch.ts'

const at = '2026-11-23T10:00:00.000Z'
const actionId = ActionId.parse('a')
const following: Following = {
  dialect: drover,
  actionId,
  before: {},
  leftAt: undefined,
  returnedAt: undefined,
}
const asking = { actionId, dialect: drover, now: new Date(), notAfter: new Date() } as const
const rules = (patch: Json, kind: 'desired' | 'tags' = 'desired') =>
  twinPatchRules({ kind, patch: JSON.stringify(patch) })
const sighting = (desired: Json): Sighting => ({
  isConnected: false,
  reported: {},
  desired,
  tags: {},
  version: 7,
  readAt: at,
})
const settles = (patch: Json, desired: Json): boolean =>
  rules(patch).twin?.judge(following, sighting(desired)).event?.name === 'succeed'

describe('a patch', () => {
  test('is asked for as a merge of its section', () => {
    expect(rules({ rate: 5, old: null }, 'tags').request(asking)).toEqual({
      type: 'patch',
      sections: { tags: { rate: 5, old: null } },
    })
  })

  test('that the hub has stored has succeeded, with the version of the twin', () => {
    expect(rules({ rate: 5 }).judgeAnswer({ type: 'patch', version: 7, at }, asking)).toEqual({
      name: 'succeed',
      evidence: { kind: 'twin', version: 7, readAt: at },
    })
  })

  test.each<[string, Json, string]>([
    ['a list', [1], 'JSON object'],
    ['nothing', {}, 'at least one key'],
    ['a dot in a key', { 'a.b': 1 }, '"a.b"'],
    ['a dollar sign in a key, deep inside', { a: { $b: 1 } }, '"$b"'],
    ['a space in a key', { 'a b': 1 }, '"a b"'],
    ['an empty key', { '': 1 }, '""'],
    ['a long text', { a: 'ü'.repeat(2_049) }, '4096 bytes'],
    ['too much', { a: Array.from({ length: 10 }, () => 'x'.repeat(4_000)) }, '32768'],
    [
      'eleven levels',
      { a: { a: { a: { a: { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } } } } } },
      '10 levels',
    ],
  ])('with %s is refused before anything is sent', (_, patch, words) => {
    expect(() => rules(patch)).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        field: 'patch',
        message: expect.stringContaining(words) as string,
      }),
    )
  })

  test('of ten levels is taken', () => {
    expect(() => rules({ a: { a: { a: { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } } } } })).not.toThrow()
  })

  test('of the tags has less room', () => {
    expect(() => rules({ a: ['x'.repeat(4_000), 'x'.repeat(4_000), 'x'.repeat(400)] }, 'tags')).toThrow(
      '8192',
    )
  })
})

describe('a patch whose word was lost', () => {
  test('is settled by a twin that holds it', () => {
    expect(settles({ a: { b: 1 }, gone: null }, { a: { b: 1, c: 2 }, other: true })).toBe(true)
  })

  test.each<[Json, Json]>([
    [{ a: 1 }, {}],
    [{ a: 1 }, { a: 2 }],
    [{ a: null }, { a: 1 }],
    [{ a: { b: 1 } }, { a: 5 }],
    [{ a: [1] }, { a: [1, 2] }],
    [{ toString: 1 }, {}],
  ])('%j is not settled by %j', (patch, desired) => {
    expect(settles(patch, desired)).toBe(false)
  })

  test('stays unknown at the deadline, for the hub may have stored it', () => {
    expect(rules({ a: 1 }).twin?.judgeDeadline(following, undefined)).toMatchObject({ name: 'lose' })
  })

  test('is settled by its own effect, whatever the patch', () => {
    const key = fc.stringMatching(/^[a-z]{1,4}$/)
    const value = fc.oneof(fc.integer(), fc.string({ maxLength: 20 }), fc.boolean(), fc.constant(null))
    const patch = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value, { minKeys: 1 })), {
      minKeys: 1,
      noNullPrototype: true,
    })
    fc.assert(fc.property(patch, (each) => settles(each, merged(each))))
  })
})

/** What an empty section is after the patch. */
function merged(patch: Json): Json {
  if (typeof patch !== 'object' || patch === null) return patch
  return Object.fromEntries(
    Object.entries(patch)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, merged(value)]),
  )
}
