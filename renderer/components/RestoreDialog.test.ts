import { enableAutoUnmount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Preflight } from '../../contract/app/preflight.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, show } from '../testing/mount.ts'
import { actionId, commandRequest, deviceId, preflightOf } from '../testing/values.ts'
import RestoreDialog from './RestoreDialog.vue'

enableAutoUnmount(afterEach)

let app: FakeApp
const [one, two, three] = [deviceId('pump-1'), deviceId('pump-2'), deviceId('pump-3')]
const resetId = actionId('reset')

beforeEach(() => {
  localStorage.clear()
  app = fakeApp()
})

const verdicts: Preflight['verdicts'] = [
  {
    deviceId: one,
    verdict: 'ready',
    restore: { etag: 'e1', count: 60, values: [{ section: 'tags', path: ['site'], kept: '"oslo"' }] },
  },
  {
    deviceId: two,
    verdict: 'changed-since',
    restore: {
      etag: 'e2',
      count: 1,
      values: [{ section: 'desired', path: ['rate', '\u202etimit'], present: '"<b>60</b>"', kept: '5' }],
    },
  },
  { deviceId: three, verdict: 'already-done', restore: { etag: 'e3', count: 0, values: [] } },
]

async function open(): Promise<void> {
  app.answers.preflight = () => preflightOf(verdicts, { warnings: [{ kind: 'changed-since', devices: 1 }] })
  const request = { ...commandRequest('restore', [one, two, three]), kind: 'restore' as const, resetId }
  show(app, RestoreDialog, { request })
  await expect.poll(() => group('ready')).not.toBeNull()
}

function group(verdict: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-verdict="${verdict}"]`)
}

function submit(): HTMLButtonElement {
  return button(/^Restore \d/)
}

async function started(): Promise<FakeApp['asked']['started'][number] | undefined> {
  submit().click()
  await expect.poll(() => app.asked.started.length).toBe(1)
  return app.asked.started[0]
}

test('shows for each device what is gone and what would be overwritten, place by place, as text', async () => {
  await open()
  expect(group('ready')?.textContent).toContain('tags.site')
  expect(group('ready')?.textContent).toContain('gone')
  expect(group('ready')?.textContent).toContain('and 59 more')
  expect(group('changed-since')?.textContent).toContain('desired.rate.\\u202etimit')
  expect(group('changed-since')?.querySelector('del')?.textContent).toBe('"<b>60</b>"')
  expect(group('changed-since')?.querySelector('ins')?.textContent).toBe('5')
  expect(document.querySelector('b')).toBeNull()
})

test('leaves devices alone that somebody has changed since, until they are included, and says so', async () => {
  await open()
  expect(document.querySelector('[data-warning="changed-since"]')?.textContent).toContain(
    'They are left out unless you include them',
  )
  expect(submit().textContent.trim()).toBe('Restore 1 device')
  expect(await started()).toMatchObject({ deviceIds: ['pump-1'], seen: { 'pump-1': 'e1' } })
})

test('writes over what was shown, and over no other version of it', async () => {
  await open()
  group('changed-since')?.querySelector<HTMLElement>('[role=checkbox]')?.click()
  await expect.poll(() => submit().textContent.trim()).toBe('Restore 2 devices')
  expect(await started()).toMatchObject({
    parameters: { kind: 'restore', resetId: 'reset' },
    deviceIds: ['pump-1', 'pump-2'],
    seen: { 'pump-1': 'e1', 'pump-2': 'e2' },
  })
})

test('is no campaign: what was kept of a device belongs to it alone', async () => {
  await open()
  expect(document.body.textContent).not.toContain('Run as a campaign')
})
