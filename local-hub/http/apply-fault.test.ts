import { describe, expect, test } from 'vitest'
import type { FaultEffect } from '../faults/fault-plan.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { applyFault } from './apply-fault.ts'
import { ok } from './route.ts'

function apply(effect: FaultEffect) {
  const clock = new FakeClock()
  const executions: number[] = []
  const outcome = applyFault(
    effect,
    (clockOffsetMs) => {
      executions.push(clockOffsetMs)
      return Promise.resolve(ok({ done: true }))
    },
    clock,
  )
  return { clock, executions, outcome }
}

describe('applyFault', () => {
  test('a status is answered in the words of the hub, and nothing is executed', async () => {
    const { outcome, executions } = apply({
      kind: 'status',
      status: 503,
      errorCode: 'ServiceUnavailable',
      retryAfterSeconds: 2,
    })
    expect(await outcome).toEqual({
      status: 503,
      json: '{"Message":"ErrorCode:ServiceUnavailable;A fault of the plan","ExceptionMessage":""}',
      headers: { 'iothub-errorcode': 'ServiceUnavailable', 'retry-after': '2' },
    })
    expect(executions).toEqual([])
  })

  test.each(['silence', 'reset', 'captivePortal'] as const)('%s executes nothing', async (kind) => {
    const { outcome, executions } = apply({ kind })
    expect([await outcome, executions]).toEqual([kind, []])
  })

  test('a lost response is one of work that was done', async () => {
    const { outcome, executions } = apply({ kind: 'lostResponse' })
    expect([await outcome, executions]).toEqual(['reset', [0]])
  })

  test('a slow hub begins later', async () => {
    const { outcome, executions, clock } = apply({ kind: 'slow', delayMs: 5000 })
    clock.advance(4999)
    await Promise.resolve()
    expect(executions).toEqual([])
    clock.advance(1)
    expect(await outcome).toMatchObject({ status: 200 })
  })

  test('a wrong clock is used for tokens and shown in the Date header', async () => {
    const { outcome, executions } = apply({ kind: 'wrongClock', offsetSeconds: 3600 })
    expect(await outcome).toMatchObject({ headers: { date: 'Thu, 01 Jan 2026 01:00:00 GMT' } })
    expect(executions).toEqual([3_600_000])
  })
})
