import { enableAutoUnmount } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ActionStatus } from '../../contract/app/action.ts'
import { HubId } from '../../contract/app/ids.ts'
import type { JournalEntry } from '../../contract/app/journal.ts'
import { problemOf } from '../../contract/app/problem.ts'
import { Verdict } from '../../contract/app/preflight.ts'
import { Phase, ReasonCode, TargetStatus, type Evidence, type Target } from '../../contract/app/target.ts'
import { fault } from '../../contract/faults.ts'
import App from '../App.vue'
import { actionKeys } from '../model/action-keys.ts'
import { journalEvents } from '../model/journal-events.ts'
import { useNavigation } from '../stores/navigation.ts'
import { fakeApp, fleetOf, type FakeApp } from '../testing/fake-app.ts'
import { button, giveElementsASize, show, type } from '../testing/mount.ts'
import {
  actionId,
  actionSummary,
  commandRequest,
  deviceId,
  deviceRow,
  hubProfile,
  localHubId,
  noon,
  preflightOf,
  target,
} from '../testing/values.ts'
import { messages } from './i18n.ts'

enableAutoUnmount(afterEach)
beforeAll(() => giveElementsASize(1200, 6_400))

let app: FakeApp

beforeEach(() => {
  localStorage.clear()
  localStorage.setItem('drover.language', '"ko"')
  app = fakeApp()
})

/** A word of a Latin script, as a person reads it. */
const latinWord = /\p{Script=Latin}{2,}/gu

function wordsIn(text: string): readonly string[] {
  return text.match(latinWord) ?? []
}

function leaves(value: object): readonly string[] {
  return Object.values(value).flatMap((inner: unknown) =>
    typeof inner === 'object' && inner !== null ? leaves(inner) : [String(inner)],
  )
}

/** What Korean itself says in Latin letters, such as names and what is typed; values in braces are none of it. */
const koreanOwn = new Set(
  leaves(messages.ko).flatMap((message) => wordsIn(message.replaceAll(/\{\w+\}/g, ''))),
)
/** What stands for itself in every language: the other language's name, units, zones, keys, and examples of JSON. */
const everywhere =
  'English UTC KB ms Enter Ctrl Esc telemetry intervalSeconds debug null site seoul floor oldName rack fwVersion manifest signature BEGIN CERTIFICATE'
/** What the tests below put in. */
const given = 'pump mina contoso prod azure devices net getLogs ready acme'
const known = new Set([...koreanOwn, ...wordsIn(`${everywhere} ${given}`)])

const spokenAttributes = ['title', 'aria-label', 'placeholder', 'alt'] as const

/** Everything of the page that is read or heard, but for what a person types. */
function said(): readonly string[] {
  const texts: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push(node.textContent ?? '')
  for (const element of document.body.querySelectorAll('*'))
    for (const name of spokenAttributes) texts.push(element.getAttribute(name) ?? '')
  return texts
}

/** Sentences that have a word in them that is neither Korean nor known: what has leaked. */
function leaks(): readonly string[] {
  return said().filter((text) => wordsIn(text).some((word) => !known.has(word)))
}

async function showApp(): Promise<ReturnType<typeof useNavigation>> {
  show(app, App)
  await expect.poll(() => document.body.textContent).toContain('장치')
  return useNavigation()
}

test('a leak is found: this test could fail', async () => {
  app.fleet.push(fleetOf([deviceRow('Unfiltered words')]))
  await showApp()
  await expect.poll(() => leaks()).toContain('Unfiltered words')
})

test('the fleet and its hubs speak Korean', async () => {
  const contoso = hubProfile({
    ...{ hubId: HubId.parse('contoso'), kind: 'azure', name: 'contoso-prod' },
    ...{ hostName: 'contoso.azure-devices.net', notes: ['owner-policy', 'session-only'] },
  })
  app.hubs.push({ hubs: [hubProfile(), contoso], selected: localHubId })
  app.fleet.push(
    fleetOf([
      ...TargetStatus.options.map((status, index) =>
        deviceRow(`pump-${index + 1}`, {
          lastAction: { actionId: actionId('01'), kind: 'reboot', status, at: noon },
        }),
      ),
      deviceRow('pump-0', { isConnected: false, isEnabled: false, firmwareVersion: '1.0' }),
    ]),
  )
  await showApp()
  await expect.poll(() => document.querySelectorAll('[data-device-id]').length).toBeGreaterThan(8)
  document
    .querySelector('.switcher')
    ?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
  await expect.poll(() => document.querySelector('[role=menu]')).not.toBeNull()
  expect(document.body.textContent).toContain('로컬 허브')
  expect(leaks()).toEqual([])
})

test.each([problemOf(fault('local-hub-not-started')), problemOf(fault('hub-answer-odd'))])(
  'a hub that is not there says so in Korean: $fault',
  async (problem) => {
    app.hubs.push({ hubs: [hubProfile({ state: { kind: 'failed', problem } })], selected: localHubId })
    await showApp()
    await expect.poll(() => document.querySelector('[role=alert]')?.textContent).toMatch(/로컬 허브/)
    expect(leaks()).toEqual([])
  },
)

test.each(actionKeys.map(([kind]) => kind))(
  'the dialog of %s speaks Korean, its campaign and its warnings, too',
  async (kind) => {
    const verdicts = Verdict.options.map((verdict, index) => ({
      deviceId: deviceId(`pump-${index}`),
      verdict,
    }))
    app.answers.preflight = () =>
      preflightOf(verdicts, {
        warnings: [
          { kind: 'redundancy', value: 'rack', devices: 2, of: 2 },
          { kind: 'reconnect-storm', devices: 9, perSecond: 2 },
          { kind: 'daily-quota', messages: 9, perDay: 8 },
          { kind: 'identity-wiped', devices: 1 },
        ],
      })
    const navigation = await showApp()
    navigation.dialog = {
      ...commandRequest(
        kind,
        verdicts.map((each) => each.deviceId),
      ),
      kind,
    }
    await expect.poll(() => document.querySelectorAll('[data-verdict]').length).toBeGreaterThan(3)
    document.querySelector<HTMLInputElement>('.campaign input[type=checkbox]')?.click()
    await expect.poll(() => document.querySelector('.campaign .summary')).not.toBeNull()
    expect(document.querySelector('[role=dialog]')?.textContent).toContain('로컬 허브')
    expect(leaks()).toEqual([])
  },
)

test('a hub is confirmed by the name that is shown, and reset under its own', async () => {
  const navigation = await showApp()
  navigation.dialog = { ...commandRequest('factoryReset', [deviceId('pump-1')]), kind: 'factoryReset' }
  await expect.poll(() => document.querySelector('[data-verdict]')).not.toBeNull()
  await type('장치 수: 1', '1')
  await type('허브 이름: 로컬 허브', '로컬 허브')
  await expect.poll(() => button(/^장치 1개 초기화/).disabled).toBe(false)
  button(/^장치 1개 초기화/).click()
  await expect
    .poll(() => app.asked.started)
    .toMatchObject([{ confirmation: { count: 1, hubName: 'Local hub' } }])
})

test.each(['palette', 'add-hub', 'hub-settings', 'jobs', 'mapping', 'remove-hub'] as const)(
  'the dialog %s speaks Korean',
  async (kind) => {
    app.answers.jobs = () => [
      {
        ...{ jobId: 'pump', type: 'scheduleDeviceMethod', status: 'failed', methodName: 'getLogs' },
        ...{ condition: '', devices: 2, failed: 1, succeeded: 1, startAt: noon },
      },
    ]
    const navigation = await showApp()
    const hub = { hubId: localHubId, hubName: 'Local hub', name: 'Local hub' }
    navigation.dialog = { kind, ...hub }
    await expect.poll(() => document.querySelector('[role=dialog]')).not.toBeNull()
    if (kind === 'jobs') await expect.poll(() => document.querySelector('[data-job-id]')).not.toBeNull()
    expect(leaks()).toEqual([])
  },
)

const evidences: readonly Evidence[] = [
  { kind: 'boot-id', bootIdBefore: '4f', bootIdAfter: '9c', downMs: 3_000, readAt: noon },
  { kind: 'reported', lastReboot: noon, leftAt: noon, returnedAt: noon, readAt: noon },
  { kind: 'reset', kept: ['acme'], readAt: noon },
  { kind: 'firmware', versionBefore: '1.0', versionAfter: '2.0', readAt: noon },
  { kind: 'firmware', versionAfter: '2.0', readAt: noon },
  { kind: 'status', status: 'ready', at: noon, readAt: noon },
  { kind: 'boot-time', before: noon, after: noon, readAt: noon },
  { kind: 'answer', status: 200, payload: '{"acme":1}', readAt: noon },
  { kind: 'twin', version: 3, readAt: noon },
]
const faultOfHub = { detail: 'The words of a log.', fault: 'device-late' } as const

function everyTarget(): Target[] {
  const rest: readonly Partial<Target>[] = [
    ...TargetStatus.options.map((status) => ({ status })),
    ...Phase.options.map((phase) => ({ status: 'working' as const, phase, percent: 5 })),
    ...ReasonCode.options.map((code) => ({ status: 'failed' as const, reason: { code } })),
    ...evidences.map((evidence) => ({ status: 'succeeded' as const, evidence })),
    { status: 'unknown', reason: { code: 'no-answer', ...faultOfHub } },
  ]
  return rest.map((each, index) => target(`pump-${index}`, { sentAt: noon, ...each }))
}

test('the activity speaks Korean of every status, phase, reason and evidence', async () => {
  const problem = problemOf(fault('hub-key-refused'))
  app.actions.push([
    ...ActionStatus.options.map((status, index) =>
      actionSummary(`0${index}`, { succeeded: 1, failed: 1, unknown: 1 }, { status }),
    ),
    actionSummary('1', { waiting: 2 }, { hold: { kind: 'halted' }, problem }),
    actionSummary('2', { waiting: 2 }, { hold: { kind: 'paused', by: 'mina' }, engine: 'job' }),
    actionSummary(
      '3',
      { cancelled: 2 },
      { abort: { at: noon, finished: 2, failed: 1 }, status: 'cancelled' },
    ),
  ])
  app.targets.push({ isReset: true, targets: everyTarget() })
  const navigation = await showApp()
  navigation.view = 'activity'
  navigation.showAction(actionId('1'))
  await expect.poll(() => document.querySelectorAll('.targets [data-device-id]').length).toBeGreaterThan(40)
  expect(document.body.textContent).toContain('장치가 제때 응답하지 않았습니다')
  expect(leaks()).toEqual([])
})

test('the journal speaks Korean of every event and what it rests on', async () => {
  const record = { at: noon, actionId: actionId('1'), kind: 'reboot', hubId: localHubId } as const
  const details: readonly JournalEntry['detail'][] = [
    ...evidences.map((evidence) => ({ evidence })),
    ...ReasonCode.options.map((code) => ({ reason: { code } })),
    { reason: { code: 'hub-refused', ...faultOfHub } },
    { devices: { count: 2, first: [deviceId('pump-1')] }, quote: '{"acme":1}' },
    { wave: 1, stop: { finished: 2, failed: 1 }, problem: problemOf(fault('journal-unwritable')) },
  ]
  const entries: JournalEntry[] = [
    ...journalEvents.map((event) => ({ event, detail: {} })),
    ...details.map((detail) => ({ event: 'fail', detail })),
  ].map((each, index) => ({ ...record, hubName: 'Local hub', number: index + 1, ...each }))
  app.journalLength.push(entries.length)
  app.answers.journal = () => ({ total: entries.length, entries })
  app.answers.verify = () => ({ isWhole: true, records: 3, head: '00' })
  const navigation = await showApp()
  navigation.view = 'journal'
  await expect.poll(() => document.querySelectorAll('[data-number]').length).toBeGreaterThan(60)
  await nextTick()
  expect(leaks()).toEqual([])
})
