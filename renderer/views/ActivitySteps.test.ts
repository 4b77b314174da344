import { enableAutoUnmount } from '@vue/test-utils'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ActionSummary } from '../../contract/app/action.ts'
import { CampaignFile } from '../../contract/app/campaign-file.ts'
import type { Hold } from '../../contract/app/policy.ts'
import type { Evidence, Target, TargetCounts } from '../../contract/app/target.ts'
import { AppError } from '../../contract/errors.ts'
import { useActions } from '../stores/actions.ts'
import { useHubs } from '../stores/hubs.ts'
import { useNavigation } from '../stores/navigation.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, giveElementsASize, show } from '../testing/mount.ts'
import { actionSummary, deviceId, noon, simplePolicy, target } from '../testing/values.ts'
import ActivityView from './ActivityView.vue'

enableAutoUnmount(afterEach)
beforeAll(() => giveElementsASize())

let app: FakeApp
const policy = simplePolicy({ waves: [{ unit: 'percent', percent: 25 }] })
const progress = { wave: 2, waves: 4, devices: 5 }

beforeEach(() => {
  app = fakeApp()
})

async function open(
  some: Partial<TargetCounts>,
  rest: Partial<ActionSummary> = {},
  targets: Target[] = [],
): Promise<string> {
  app.actions.push([actionSummary('01A', some, rest)])
  app.targets.push({ isReset: true, targets })
  show(app, ActivityView)
  await expect.poll(() => document.querySelector('[data-action-id="01A"]')).not.toBeNull()
  await expect.poll(() => useActions().openId).toBe('01A')
  return document.querySelector('[data-action-id="01A"]')?.textContent ?? ''
}

test('a campaign shows its name, its wave and its plan in words', async () => {
  const words = await open({ succeeded: 5, waiting: 15 }, { name: 'Pilot sites', policy, progress })
  expect(words).toContain('Pilot sites')
  expect(words).toContain('Reboot 20 devices')
  expect(words).toContain('Wave 2 of 4')
  expect(document.body.textContent).toContain('25% at a time; offline devices are left out.')
})

interface HeldCase {
  readonly hold: Hold
  readonly words: string
  readonly step: string
  readonly asked: string
}

const heldCases: readonly HeldCase[] = [
  {
    hold: { kind: 'approval' },
    words: 'Waits for approval of wave 3',
    step: 'Approve wave 3',
    asked: 'approve 01A',
  },
  {
    hold: { kind: 'gate', share: 0.5, needed: 0.95 },
    words: '50% of the wave succeeded, 95% are needed',
    step: 'Go on all the same',
    asked: 'approve 01A',
  },
  { hold: { kind: 'paused', by: 'mina' }, words: 'Paused by mina', step: 'Resume', asked: 'resume 01A' },
  {
    hold: { kind: 'interrupted' },
    words: 'Drover had ended in the middle.',
    step: 'Resume',
    asked: 'resume 01A',
  },
]

test.each(heldCases)(
  'held by $hold.kind, it says so, and the one step that lets it go on is one click',
  async ({ hold, words, step, asked }) => {
    expect(await open({ succeeded: 5, waiting: 15 }, { policy, progress, hold })).toContain(words)
    button(step).click()
    await expect.poll(() => app.asked.steered).toEqual([asked])
  },
)

test('why a halted action does not send is told with what to do', async () => {
  const problem = {
    code: 'unauthorized',
    message: 'The hub refuses the key.',
    nextStep: 'Add a new key.',
  } as const
  const words = await open({ waiting: 3 }, { hold: { kind: 'halted' }, problem })
  expect(words).toContain('The hub refuses the key. Add a new key.')
})

test('a running action is paused', async () => {
  await open({ working: 2, waiting: 8 })
  button('Pause').click()
  await expect.poll(() => app.asked.steered).toEqual(['pause 01A'])
})

test('a step that the application refuses says why', async () => {
  await open({ failed: 2 }, { status: 'failed' })
  app.close()
  button('Retry 2 failed').click()
  await expect.poll(() => document.querySelector('.targets-pane [role=alert]')?.textContent).toBeTruthy()
})

test('the failed devices are tried again as an action of their own, which opens', async () => {
  await open({ failed: 2, succeeded: 1 }, { status: 'failed' })
  button('Retry 2 failed').click()
  await expect.poll(() => app.asked.steered).toEqual(['retry 01A'])
  await expect.poll(() => useActions().openId).toBe('retried')
})

test('a clone opens its dialog filled in, for the hub that is shown', async () => {
  const campaign = CampaignFile.parse({
    format: 'drover-campaign',
    version: 1,
    name: 'Pilot sites',
    parameters: { kind: 'desired', patch: '{"a":1}' },
    engine: 'methods',
    deadlineMs: 60_000,
    deviceIds: [deviceId('a')],
  })
  app.answers.campaign = () => campaign
  await open({ succeeded: 1 }, { status: 'succeeded' })
  await expect.poll(() => useHubs().isLoaded).toBe(true)
  button('Clone…').click()
  await expect
    .poll(() => useNavigation().dialog)
    .toMatchObject({ kind: 'desired', hubName: 'Local hub', campaign })
})

test('a campaign file that is wrong says where', async () => {
  app.answers.campaign = () => {
    throw new AppError('invalid-input', 'policy.waves[0]: a size is missing.')
  }
  await open({ succeeded: 1 })
  button('Open campaign…').click()
  await expect.poll(() => document.body.textContent).toContain('policy.waves[0]: a size is missing.')
})

test('a campaign that stopped by its rule says after how many failures', async () => {
  const abort = { at: noon, finished: 10, failed: 4 }
  const words = await open({ failed: 4, cancelled: 10 }, { abort, status: 'failed' })
  expect(words).toContain('Stopped by its rule: 4 of 10 finished had failed.')
})

test('devices that did not come back from a reset are counted, and their ids are one click away', async () => {
  const lost = target('a', { status: 'unknown', reason: { code: 'did-not-return' } })
  const parameters = { kind: 'factoryReset' } as const
  await open({ unknown: 1, succeeded: 1 }, { parameters, status: 'unsettled' }, [
    lost,
    target('b', { status: 'succeeded' }),
  ])
  await expect.poll(() => document.body.textContent).toContain('1 device did not come back.')
  button('Copy device id').click()
  await expect.poll(() => app.asked.copied).toEqual(['a'])
})

test('who did not come back is listed, the longest overdue first', async () => {
  const lost = { status: 'unknown', reason: { code: 'did-not-return' } } as const
  const sentAt = (ms: number): string => new Date(Date.now() - ms).toISOString()
  await open(
    { unknown: 2 },
    { parameters: { kind: 'factoryReset' }, status: 'unsettled', deadlineMs: 60_000 },
    [
      target('late', { ...lost, sentAt: sentAt(61 * 60_000) }),
      target('later', { ...lost, sentAt: sentAt(121 * 60_000) }),
    ],
  )
  await expect.poll(() => document.body.textContent).toContain('2 devices did not come back.')
  button('Show').click()
  const lines = (): string[] =>
    [...document.querySelectorAll('.lost li')].map(({ textContent }) => textContent)
  await expect.poll(lines).toHaveLength(2)
  expect(lines()[0]).toMatch(/^later.*overdue by 2 h/)
  expect(lines()[1]).toMatch(/^late.*overdue by 1 h/)
})

test('after a factory reset what was kept of those that came back can be restored', async () => {
  const targets = [target('back', { status: 'succeeded' }), target('gone', { status: 'unknown' })]
  await open(
    { succeeded: 1, unknown: 1 },
    { parameters: { kind: 'factoryReset' }, status: 'unsettled' },
    targets,
  )
  await expect.poll(() => useActions().targets.length).toBe(2)
  button('Restore desired properties and tags of 1 device…').click()
  expect(useNavigation().dialog).toMatchObject({ kind: 'restore', resetId: '01A', deviceIds: ['back'] })
})

test('devices are grouped by reason, each with what to do next, and a group folds away', async () => {
  const targets = [
    target('good', { status: 'succeeded' }),
    target('off-1', { status: 'failed', reason: { code: 'offline' } }),
    target('off-2', { status: 'failed', reason: { code: 'offline' } }),
  ]
  await open({ succeeded: 1, failed: 2 }, { status: 'failed' }, targets)
  button('By reason').click()
  const groups = (): string[] =>
    [...document.querySelectorAll('.group-cell .turn')].map(({ textContent }) => textContent)
  await expect.poll(() => groups().length).toBe(2)
  expect(groups()[0]).toContain('2')
  expect(groups()[0]).toContain('Try again when it is online')
  document.querySelector<HTMLElement>('.group-cell .turn')?.click()
  await expect.poll(() => document.querySelector('[role=row][data-device-id="off-1"]')).toBeNull()
  expect(document.querySelector('[role=row][data-device-id=good]')).not.toBeNull()
})

test('the arrow keys step over the lines of groups', async () => {
  const targets = [
    target('a', { status: 'failed', reason: { code: 'offline' } }),
    target('b', { status: 'succeeded' }),
  ]
  await open({ succeeded: 1, failed: 1 }, { status: 'failed' }, targets)
  button('By reason').click()
  await expect.poll(() => document.querySelector('.group-cell')).not.toBeNull()
  const table = document.querySelector('.targets')
  const detail = (): string | undefined => document.querySelector('aside h3')?.textContent
  const press = (key: string): boolean | undefined =>
    table?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
  press('ArrowDown')
  await expect.poll(detail).toBe('a')
  press('ArrowDown')
  await expect.poll(detail).toBe('b')
  press('ArrowUp')
  await expect.poll(detail).toBe('a')
})

test('waves are offered as groups only where there are waves', async () => {
  await open({ waiting: 2 }, {}, [target('a')])
  expect(document.body.textContent).not.toContain('By wave')
  app.actions.push([actionSummary('01A', { waiting: 2 }, { progress })])
  await expect.poll(() => document.body.textContent).toContain('By wave')
})

test.each([
  [
    { kind: 'reset', kept: ['identity', '<b>net</b>\u202e'], readAt: noon },
    'The new system reported the reset. It kept: identity, <b>net</b>\\u202e.',
  ],
  [
    { kind: 'firmware', versionBefore: '2.4.0', versionAfter: '2.5.0', readAt: noon },
    'Firmware 2.4.0 → 2.5.0',
  ],
  [{ kind: 'firmware', versionAfter: '2.5.0', readAt: noon }, 'Runs firmware 2.5.0'],
  [{ kind: 'status', status: 'done', readAt: noon }, 'The device reports “done”.'],
  [{ kind: 'boot-time', after: 'soon', readAt: noon }, 'Started at soon, by its own clock.'],
] as const satisfies readonly (readonly [Evidence, string])[])(
  'the evidence %o is told in words',
  async (evidence, words) => {
    await open({ succeeded: 1 }, { status: 'succeeded' }, [target('a', { status: 'succeeded', evidence })])
    await expect.poll(() => document.querySelector('.row .target-evidence span')?.textContent).toBe(words)
  },
)

test('a download shows how far the device says it is', async () => {
  await open({ working: 1 }, {}, [target('a', { status: 'working', phase: 'downloading', percent: 64 })])
  await expect.poll(() => document.querySelector('.row .target-status')?.textContent).toBe('Downloading 64%')
})

test('two answers are compared line by line', async () => {
  const parameters = { kind: 'method', methodName: 'get', payload: '', responseTimeoutMs: 10_000 } as const
  const answer = (id: string, payload: string): Target =>
    target(id, { status: 'succeeded', evidence: { kind: 'answer', status: 200, payload, readAt: noon } })
  const targets = [answer('a', '{"mode":"a","up":1}'), answer('b', '{"mode":"b","up":1}'), answer('c', '3')]
  await open({ succeeded: 3 }, { parameters, status: 'succeeded' }, targets)
  button('By answer').click()
  const chips = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('article .chip')]
  await expect.poll(() => chips().length).toBe(3)
  chips()[0]?.click()
  await expect.poll(() => document.body.textContent).toContain('Choose another answer to compare it with.')
  chips()[1]?.click()
  const lines = (kind: string): string[] =>
    [...document.querySelectorAll(`.diff pre .${kind}`)].map(({ textContent }) => textContent.trim())
  await expect.poll(() => lines('left')).toEqual(['−   "mode": "a",'])
  expect(lines('right')).toEqual(['+   "mode": "b",'])
  expect(lines('same')).toContain('"up": 1')
})

test('what the index of the hub counts stands beside the outcomes, with its age and as text', async () => {
  const asOf = new Date(Date.now() - 12_000).toISOString()
  const statuses = [
    { status: 'applying', devices: 812 },
    { status: '<b>\u202e', devices: 3 },
  ]
  const words = await open({ working: 1_000 }, { indexed: { asOf, statuses } })
  expect(words).toContain('The hub’s index counts, of 1,000: 812 applying, 3 <b>\\u202e (as of 12')
  expect(words).toContain('1,000 under way')
})

test('an action that a person stopped says who it was', async () => {
  const cancellation = { at: noon, by: 'mina' }
  const words = await open({ cancelled: 10 }, { cancellation, status: 'cancelled' })
  expect(words).toContain('Stopped by mina at ')
})
