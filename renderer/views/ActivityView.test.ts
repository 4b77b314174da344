import { enableAutoUnmount } from '@vue/test-utils'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Evidence, ReasonCode, TargetStatus } from '../../contract/app/target.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, giveElementsASize, show } from '../testing/mount.ts'
import { actionSummary, noon, target } from '../testing/values.ts'
import ActivityView from './ActivityView.vue'

enableAutoUnmount(afterEach)
beforeAll(() => giveElementsASize())

let app: FakeApp

beforeEach(() => {
  app = fakeApp()
})

function targetRow(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[role=row][data-device-id="${id}"]`)
}

function card(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-action-id="${id}"]`)
}

async function showTarget(
  status: TargetStatus,
  rest: { code?: ReasonCode; detail?: string; evidence?: Evidence } = {},
) {
  const { code, detail, evidence } = rest
  const reason = code === undefined ? {} : { reason: { code, ...(detail === undefined ? {} : { detail }) } }
  app.actions.push([actionSummary('01A', { [status]: 1 })])
  app.targets.push({
    isReset: true,
    targets: [target('a', { status, ...reason, ...(evidence ? { evidence } : {}) })],
  })
  show(app, ActivityView)
  await expect.poll(() => targetRow('a')?.dataset['status']).toBe(status)
  return targetRow('a')?.textContent ?? ''
}

test('without actions the view says how to start one', () => {
  show(app, ActivityView)
  expect(document.body.textContent).toContain('No actions yet')
})

test('the newest action is open, with its counts in words', async () => {
  const unsettled = { status: 'unsettled' } as const
  app.actions.push([
    actionSummary('01A', { succeeded: 1 }),
    actionSummary('01B', { succeeded: 8, unknown: 2 }, unsettled),
  ])
  show(app, ActivityView)
  await expect.poll(() => card('01B')?.querySelector('button')?.getAttribute('aria-expanded')).toBe('true')
  expect(card('01B')?.textContent).toContain('8 succeeded')
  expect(card('01B')?.textContent).toContain('2 unknown')
  expect(card('01B')?.textContent).toContain('10 of 10 ended')
  expect(card('01B')?.textContent).toContain('by mina on Local hub')
})

test('unknown devices can be checked again, and the view says what came of it', async () => {
  app.answers.settled = () => 2
  app.actions.push([actionSummary('01A', { unknown: 3 }, { status: 'unsettled' })])
  show(app, ActivityView)
  await expect.poll(() => card('01A')).not.toBeNull()
  button('3 unknown: check again').click()
  await expect.poll(() => document.body.textContent).toContain('2 settled by new evidence.')
  expect(app.asked.checkedAgain).toEqual(['01A'])
})

test('what is not sent yet can be stopped', async () => {
  app.actions.push([actionSummary('01A', { waiting: 5, working: 1 })])
  show(app, ActivityView)
  await expect.poll(() => card('01A')).not.toBeNull()
  button('Stop sending to 5 devices').click()
  await expect.poll(() => app.asked.cancelled).toEqual(['01A'])
})

test('an action that waits for a person is on hold, whatever else it is', async () => {
  const hold = { kind: 'paused', by: 'mina' } as const
  app.actions.push([actionSummary('01A', { waiting: 5, succeeded: 1 })])
  show(app, ActivityView)
  await expect.poll(() => card('01A')?.textContent).toContain('Running')
  app.actions.push([actionSummary('01A', { waiting: 3, succeeded: 3 }, { hold })])
  await expect.poll(() => card('01A')?.textContent).toContain('On hold')
  expect(card('01A')?.textContent).toContain('Paused by mina')
})

test('a finished action asks for nothing', async () => {
  app.actions.push([actionSummary('01A', { succeeded: 2 }, { status: 'succeeded' })])
  show(app, ActivityView)
  await expect.poll(() => card('01A')).not.toBeNull()
  expect(card('01A')?.querySelectorAll('button')).toHaveLength(1)
})

test('a proven reboot shows both boot ids and the down time by the device’s clock', async () => {
  const bootIds = { bootIdBefore: '4f2a1111-2222', bootIdAfter: '9c113333-4444' }
  const words = await showTarget('succeeded', {
    evidence: { kind: 'boot-id', ...bootIds, downMs: 3_210, readAt: noon },
  })
  expect(words).toContain('Rebooted')
  expect(words).toContain('Boot id 4f2a11… → 9c1133…, down 3.2 s (device’s clock)')
})

test('a long down time is in minutes', async () => {
  const evidence = {
    kind: 'boot-id',
    bootIdBefore: 'a',
    bootIdAfter: 'b',
    downMs: 125_000,
    readAt: noon,
  } as const
  expect(await showTarget('succeeded', { evidence })).toContain('Boot id a → b, down 2 min 5 s')
})

test('a tutorial device that said it restarts is unknown, and its report is called an intention', async () => {
  const evidence = { kind: 'reported', lastReboot: 'not a <b>time</b>', leftAt: noon, readAt: noon } as const
  const words = await showTarget('unknown', { code: 'not-provable', evidence })
  expect(words).toContain('its dialect cannot prove it')
  expect(words).toMatch(/Left at [^.]+\./)
  expect(words).toContain('Reported lastReboot not a <b>time</b>. That shows the intention, not the restart.')
  expect(document.querySelector('td b, [role=cell] b')).toBeNull()
})

test('a lost answer says that it may have run', async () => {
  expect(await showTarget('unknown', { code: 'no-answer' })).toContain(
    'No answer came back. It may have run.',
  )
})

test('the device’s own words are added to a refusal, as text', async () => {
  const words = await showTarget('failed', {
    code: 'refused',
    detail: '<img src=x> update lock {count} @:app.name',
  })
  expect(words).toContain('The device refused. (<img src=x> update lock {count} @:app.name)')
  expect(document.querySelector('img')).toBeNull()
})

test('accepted is not shown as done', async () => {
  app.actions.push([actionSummary('01A', { working: 1 })])
  app.targets.push({ isReset: true, targets: [target('a', { status: 'working', phase: 'accepted' })] })
  show(app, ActivityView)
  await expect
    .poll(() => targetRow('a')?.textContent)
    .toContain('The device said yes. That is not proof yet.')
  expect(targetRow('a')?.dataset['phase']).toBe('accepted')
})

test('the devices of one outcome are shown by one click, and all of them again', async () => {
  app.actions.push([actionSummary('01A', { succeeded: 1, unknown: 1 })])
  const targets = [target('good', { status: 'succeeded' }), target('doubtful', { status: 'unknown' })]
  app.targets.push({ isReset: true, targets })
  show(app, ActivityView)
  await expect.poll(() => targetRow('good')).not.toBeNull()
  button('Unknown 1').click()
  await expect.poll(() => targetRow('good')).toBeNull()
  expect(targetRow('doubtful')).not.toBeNull()
  button('All 2').click()
  await expect.poll(() => targetRow('good')).not.toBeNull()
})
