import { expect, test } from 'vitest'
import { target } from '../testing/values.ts'
import { lostDevices } from './lost-devices.ts'

const lost = { status: 'unknown', reason: { code: 'did-not-return' } } as const

test('a device is overdue from the end of its own time, and the longest overdue comes first', () => {
  const targets = [
    target('late', { ...lost, sentAt: '2026-03-01T11:00:00.000Z' }),
    target('later', { ...lost, sentAt: '2026-03-01T10:00:00.000Z' }),
  ]
  expect(lostDevices(targets, 600_000)).toEqual([
    { deviceId: 'later', dueAtMs: Date.parse('2026-03-01T10:10:00.000Z') },
    { deviceId: 'late', dueAtMs: Date.parse('2026-03-01T11:10:00.000Z') },
  ])
})

test('only who said yes and stayed away is lost: others are unknown for other reasons, or are back', () => {
  const targets = [
    target('back', { status: 'succeeded' }),
    target('unclear', { status: 'unknown', reason: { code: 'no-answer' } }),
    target('failed', { status: 'failed', reason: { code: 'did-not-return' } }),
  ]
  expect(lostDevices(targets, 600_000)).toEqual([])
})
