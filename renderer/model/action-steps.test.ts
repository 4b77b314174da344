import { expect, test } from 'vitest'
import { Hold } from '../../contract/app/policy.ts'
import { actionId, actionSummary, noon } from '../testing/values.ts'
import { nextStep, stepsOf } from './action-steps.ts'

const holds: Readonly<Record<Hold['kind'], Hold>> = {
  paused: { kind: 'paused', by: 'mina' },
  interrupted: { kind: 'interrupted' },
  halted: { kind: 'halted' },
  approval: { kind: 'approval' },
  soaking: { kind: 'soaking', until: noon },
  scheduled: { kind: 'scheduled', startAt: noon },
  gate: { kind: 'gate', share: 0.5, needed: 0.9 },
  window: { kind: 'window', opensAt: noon, devices: 5, zones: 2 },
  offline: { kind: 'offline', devices: 3, until: noon },
  throttled: { kind: 'throttled', until: noon },
  unreachable: { kind: 'unreachable', until: noon },
}

function kinds(...args: Parameters<typeof actionSummary>): string[] {
  return stepsOf(actionSummary(...args)).map(({ kind }) => kind)
}

test('a running action can be paused, stopped and cloned', () => {
  expect(kinds('a', { waiting: 5, working: 2 })).toEqual(['pause', 'cancel', 'clone'])
})

test.each(Hold.options.map(({ shape }) => shape.kind.value))(
  'while %s, the one thing to do is offered',
  (kind) => {
    const next = nextStep(actionSummary('a', { waiting: 5 }, { hold: holds[kind] }))?.kind
    const expected = {
      paused: 'resume',
      interrupted: 'resume',
      halted: 'resume',
      approval: 'approve',
      gate: 'approve',
    } as Partial<Record<Hold['kind'], string>>
    expect(next).toBe(expected[kind] ?? 'cancel')
  },
)

test('what is paused is not paused again', () => {
  expect(kinds('a', { waiting: 5 }, { hold: holds.paused })).toEqual(['resume', 'cancel', 'clone'])
})

test('a job of the hub cannot be paused: the hub goes on by itself', () => {
  expect(kinds('a', { waiting: 5 }, { engine: 'job' })).toEqual(['cancel', 'clone'])
})

test('failed devices are tried again once the action has ended, and never as the pressing step', () => {
  expect(kinds('a', { failed: 2, working: 1 })).not.toContain('retry')
  const ended = actionSummary('a', { failed: 2 }, { status: 'failed' })
  expect(stepsOf(ended)).toContainEqual({ kind: 'retry', count: 2 })
  expect(nextStep(ended)).toBeUndefined()
})

test('a restore is offered for the devices that came back from a factory reset, and for nothing else', () => {
  const parameters = { kind: 'factoryReset' } as const
  const some = { succeeded: 3, unknown: 1 }
  expect(stepsOf(actionSummary('a', some, { parameters }))).toContainEqual({ kind: 'restore', count: 3 })
  expect(kinds('a', { unknown: 4 }, { parameters })).not.toContain('restore')
  expect(kinds('a', some)).not.toContain('restore')
  expect(nextStep(actionSummary('a', { succeeded: 3 }, { parameters }))).toBeUndefined()
})

test('a restore is neither cloned nor tried again: it begins with another look', () => {
  const parameters = { kind: 'restore', resetId: actionId('r') } as const
  expect(kinds('a', { failed: 2, succeeded: 1 }, { parameters, status: 'failed' })).toEqual([])
})

test('what can still be stopped comes before what can be checked at any time', () => {
  expect(nextStep(actionSummary('a', { waiting: 3, unknown: 1 }))).toEqual({ kind: 'cancel', count: 3 })
})

test('what is being stopped is not offered to be stopped again', () => {
  const stopping = actionSummary('a', { waiting: 3, unknown: 1 }, { status: 'cancelling' })
  expect(nextStep(stopping)).toEqual({ kind: 'check-again', count: 1 })
})

test('an action without waiting or unknown devices has no next step', () => {
  expect(nextStep(actionSummary('a', { succeeded: 2, failed: 1, working: 1 }))).toBeUndefined()
})

test('a lost answer to a direct method leaves nothing to check', () => {
  const parameters = { kind: 'method', methodName: 'a', payload: '', responseTimeoutMs: 10_000 } as const
  expect(nextStep(actionSummary('01A', { unknown: 2 }, { parameters, status: 'unsettled' }))).toBeUndefined()
})
