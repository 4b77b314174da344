import { describe, expect, test } from 'vitest'
import { ActionId } from '../../../contract/app/ids.ts'
import { tutorial } from '../dialects/tutorial.ts'
import type { Json } from '../json.ts'
import { directMethodRules } from './direct-method.ts'

const at = '2026-11-23T10:00:00.000Z'
const parameters = {
  kind: 'method',
  methodName: 'getStatus',
  payload: '{"verbose": true}',
  responseTimeoutMs: 10_000,
} as const
const asking = {
  actionId: ActionId.parse('a'),
  dialect: tutorial,
  now: new Date(),
  notAfter: new Date(),
} as const

describe('a direct method', () => {
  test('is asked for as the person wrote it', () => {
    expect(directMethodRules(parameters).request(asking)).toEqual({
      type: 'method',
      methodName: 'getStatus',
      payload: { verbose: true },
      responseTimeoutMs: 10_000,
    })
  })

  test('without a payload sends null', () => {
    expect(directMethodRules({ ...parameters, payload: ' ' }).request(asking)).toMatchObject({
      payload: null,
    })
  })

  test.each(['{', '{a: 1}', "{'a': 1}", 'undefined', '[1,]'])(
    'with the payload %s is refused before anything is sent, with the place',
    (payload) => {
      expect(() => directMethodRules({ ...parameters, payload })).toThrow(
        expect.objectContaining({
          code: 'invalid-input',
          field: 'payload',
          message: expect.stringMatching(/^This is not JSON: line \d+, column \d+\.$/) as string,
        }),
      )
    },
  )
})

describe('the answer of a device', () => {
  const rules = directMethodRules(parameters)
  const judge = (status: number, payload: Json): unknown =>
    rules.judgeAnswer({ type: 'method', status, payload, at }, asking)

  test('is the outcome, and is kept whole', () => {
    expect(judge(200, { uptime: 5, note: '<b>' })).toEqual({
      name: 'succeed',
      evidence: { kind: 'answer', status: 200, payload: '{"uptime":5,"note":"<b>"}', readAt: at },
    })
  })

  test.each([400, 404, 500])('%d is a refusal, and its answer is kept as well', (status) => {
    expect(judge(status, 'no')).toMatchObject({
      name: 'fail',
      reason: { code: 'refused' },
      evidence: { status, payload: '"no"' },
    })
  })

  test('is cut where it is longer than a hub lets through', () => {
    expect(judge(200, 'x'.repeat(200_000))).toMatchObject({
      evidence: { payload: expect.toSatisfy((text: string) => text.length === 131_072) as string },
    })
  })
})
