import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TargetStatus, type Target } from '../../contract/app/target.ts'
import { DeviceId } from '../../contract/app/ids.ts'
import {
  actionStatus,
  applyEvent,
  diagram,
  isFinal,
  noCounts,
  targetEventNames,
  transition,
} from './target.ts'

const statuses = TargetStatus.options
const events = targetEventNames
const at = '2026-11-23T10:00:00.000Z'
const waiting: Target = { deviceId: DeviceId.parse('pump-1'), status: 'waiting', changedAt: at }
const evidence = { kind: 'boot-id', bootIdBefore: 'a', bootIdAfter: 'b', readAt: at } as const

/** What becomes of each status at each event, in full; what is absent does not apply. */
const table: Readonly<Record<TargetStatus, string>> = {
  waiting: 'send>sending defer>waiting skip>cancelled fail>failed cancel>cancelled',
  sending:
    'defer>waiting skip>cancelled accept>working progress>working succeed>succeeded fail>failed lose>unknown cancel>cancelling cancelled>cancelled',
  working:
    'progress>working leave>working return>working succeed>succeeded fail>failed lose>unknown cancel>cancelling cancelled>cancelled',
  cancelling: 'succeed>succeeded fail>failed lose>unknown cancelled>cancelled refuse>working',
  unknown:
    'accept>working progress>working succeed>succeeded fail>failed lose>unknown ask>unknown cancelled>cancelled retry>waiting',
  succeeded: '',
  failed: 'retry>waiting',
  cancelled: 'retry>waiting',
}

describe('the state table', () => {
  test.each(statuses.flatMap((status) => events.map((event) => [status, event] as const)))(
    '%s at %s becomes what it should, or nothing',
    (status, event) => {
      const wanted = new Map(table[status].split(' ').map((pair) => pair.split('>') as [string, string]))
      expect(transition(status, event)).toBe(wanted.get(event))
      const before: Target = { ...waiting, status }
      expect(applyEvent(before, { name: event }, at)?.status).toBe(wanted.get(event))
    },
  )

  test('a final status is left only by a retry', () => {
    const left = statuses
      .filter(isFinal)
      .flatMap((status) => events.filter((event) => transition(status, event)))
    expect(new Set(left)).toEqual(new Set(['retry']))
  })

  test('success is left by nothing', () => {
    expect(events.filter((event) => transition('succeeded', event))).toEqual([])
  })

  test('every status can reach a final one', () => {
    for (const status of statuses) {
      const reached = new Set([status])
      for (const from of reached) for (const event of events) reached.add(transition(from, event) ?? from)
      expect([...reached].some(isFinal), status).toBe(true)
    }
  })

  test('a repeated answer changes nothing', () => {
    for (const status of statuses) {
      for (const event of events.filter((name) => name !== 'retry')) {
        const after = transition(status, event)
        if (after) expect([undefined, after], `${status} ${event}`).toContain(transition(after, event))
      }
    }
  })

  test('losing contact never claims failure', () => {
    for (const status of statuses) expect(['unknown', undefined]).toContain(transition(status, 'lose'))
  })

  test('acceptance never claims success', () => {
    for (const status of statuses) expect(['working', undefined]).toContain(transition(status, 'accept'))
  })

  test('nothing that was sent can be called cancelled without asking the device', () => {
    for (const status of ['sending', 'working'] as const)
      expect(transition(status, 'cancel')).toBe('cancelling')
    expect(transition('waiting', 'cancel')).toBe('cancelled')
  })

  test('each event applies somewhere', () => {
    for (const event of events)
      expect(
        statuses.some((status) => transition(status, event)),
        event,
      ).toBe(true)
  })

  test('the diagram names every status', () => {
    for (const status of statuses) expect(diagram()).toContain(status)
  })
})

describe('a target', () => {
  test('keeps when it was sent, and the evidence for its success', () => {
    const sent = applyEvent(waiting, { name: 'send' }, at)
    const accepted = sent && applyEvent(sent, { name: 'accept' }, at)
    const left = accepted && applyEvent(accepted, { name: 'leave' }, at)
    const back = left && applyEvent(left, { name: 'return' }, at)
    const done = back && applyEvent(back, { name: 'succeed', evidence }, '2026-11-23T10:00:07.000Z')

    expect(accepted).toMatchObject({ status: 'working', phase: 'accepted' })
    expect(left).toMatchObject({ status: 'working', phase: 'away' })
    expect(back).toMatchObject({ status: 'working', phase: 'returned' })
    expect(done).toEqual({
      deviceId: 'pump-1',
      status: 'succeeded',
      sentAt: at,
      evidence,
      changedAt: '2026-11-23T10:00:07.000Z',
    })
  })

  test('that the hub deferred waits again, and carries no reason', () => {
    const sent = applyEvent(waiting, { name: 'send' }, at)
    const deferred = sent && applyEvent(sent, { name: 'defer' }, at)
    expect(deferred).toMatchObject({ status: 'waiting' })
    expect(deferred).not.toHaveProperty('reason')
  })

  test('ignores an event that does not apply', () => {
    expect(applyEvent(waiting, { name: 'succeed', evidence }, at)).toBeUndefined()
  })

  test('that succeeded has evidence, whatever happened to it before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events)), (names) => {
        const end = names.reduce(
          (target, name) =>
            applyEvent(target, { name, ...(name === 'succeed' ? { evidence } : {}) }, at) ?? target,
          waiting,
        )
        return end.status !== 'succeeded' || end.evidence !== undefined
      }),
    )
  })
})

describe('an action', () => {
  const of = (counts: Partial<Record<TargetStatus, number>>): string =>
    actionStatus({ ...noCounts(), ...counts })

  test('runs while one target does', () => {
    expect(of({ succeeded: 3, working: 1 })).toBe('running')
    expect(of({ waiting: 1 })).toBe('running')
  })

  test('is unsettled while one target is unknown, even when others failed', () => {
    expect(of({ succeeded: 3, unknown: 1, failed: 2 })).toBe('unsettled')
  })

  test('is what its targets came to', () => {
    expect(of({ succeeded: 3, failed: 1 })).toBe('failed')
    expect(of({ succeeded: 3, cancelled: 1 })).toBe('cancelled')
    expect(of({ succeeded: 3 })).toBe('succeeded')
  })
})
