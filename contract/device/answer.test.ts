import { describe, expect, test } from 'vitest'
import { readAnswerBody, tutorialAnswer } from './answer.ts'
import { DeviceActionId, RebootPayload } from './method.ts'

describe('the body of an answer', () => {
  test('is read with or without a reason and an action id', () => {
    expect(readAnswerBody({ actionId: 'a', state: 'accepted' })).toEqual({ actionId: 'a', state: 'accepted' })
    expect(readAnswerBody({ state: 'refused', reason: 'no', more: 1 })).toEqual({
      state: 'refused',
      reason: 'no',
    })
    expect(readAnswerBody({ actionId: null, state: 'refused', reason: null })).toEqual({ state: 'refused' })
  })

  test.each([
    [tutorialAnswer],
    [null],
    [undefined],
    [7],
    [{}],
    [{ state: 'flying' }],
    [{ actionId: '../', state: 'accepted' }],
  ])('%j is none of this protocol', (value) => {
    expect(readAnswerBody(value)).toBeUndefined()
  })

  test('has a reason that is cut where it is long', () => {
    expect(readAnswerBody({ state: 'refused', reason: 'x'.repeat(5_000) })?.reason).toHaveLength(1_024)
  })
})

describe('a request', () => {
  test.each(['01JB2V6K1ZQ6N3M8XW9T4R5Y7H', 'local-7f3c', 'a'.repeat(64)])(
    'may have the action id %s',
    (id) => {
      expect(DeviceActionId.safeParse(id).success).toBe(true)
    },
  )

  test.each(['', 'a'.repeat(65), 'a b', 'a/b', 'ä', 'a\n'])('may not have the action id %j', (id) => {
    expect(DeviceActionId.safeParse(id).success).toBe(false)
  })

  test('keeps only what is known of it', () => {
    const payload = { actionId: 'a', notAfter: '2026-01-01T00:00:00+09:00' }
    expect(RebootPayload.parse({ ...payload, force: true })).toEqual(payload)
  })
})
