import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Verdict } from '../../contract/app/preflight.ts'
import { AppError } from '../../contract/errors.ts'
import { useNavigation } from '../stores/navigation.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, show } from '../testing/mount.ts'
import { commandRequest, deviceId, preflightOf } from '../testing/values.ts'
import ProofDialog from './ProofDialog.vue'

enableAutoUnmount(afterEach)

let app: FakeApp

const verdicts: readonly (readonly [string, Verdict])[] = [
  ['pump-1', 'ready'],
  ['pump-2', 'ready'],
  ['<script>alert(1)</script>', 'unprovable'],
  ['meter-1', 'offline'],
]

beforeEach(() => {
  app = fakeApp()
  app.answers.preflight = () =>
    preflightOf(verdicts.map(([id, verdict]) => ({ deviceId: deviceId(id), verdict })))
})

async function open(query?: string): Promise<VueWrapper> {
  const deviceIds = verdicts.map(([id]) => deviceId(id))
  const request = { ...commandRequest('reboot', deviceIds), ...(query === undefined ? {} : { query }) }
  const dialog = show(app, ProofDialog, { request, kind: 'reboot' })
  await nextTick()
  return dialog
}

function group(verdict: Verdict): Element | null {
  return document.querySelector(`[data-verdict="${verdict}"]`)
}

test('the button repeats the number that will really be sent', async () => {
  await open()
  expect(document.body.textContent).toContain('Reboot 4 devices on Local hub?')
  await expect.poll(() => button(/^Reboot/).textContent.trim()).toBe('Reboot 3 devices')
})

test('the filter by which the devices were chosen goes into the journal with them', async () => {
  await open('pump 2.4')
  await expect.poll(() => button(/^Reboot/).disabled).toBe(false)
  button(/^Reboot/).click()
  await expect.poll(() => app.asked.started).toMatchObject([{ query: 'pump 2.4' }])
})

test('nothing can be sent before each device was checked', async () => {
  await open()
  expect(button(/^Reboot/).disabled).toBe(true)
})

test('each verdict is explained, with how many devices it has', async () => {
  await open()
  await expect.poll(() => group('offline')?.textContent).toContain('Offline')
  expect(group('offline')?.textContent).toContain('Not sent')
  expect(group('ready')?.textContent).toContain('2')
  expect(document.body.textContent).toContain('1 device cannot prove it and will end as unknown.')
})

test('a group that can run is excluded by one click, and one that cannot has nothing to click', async () => {
  await open()
  await expect.poll(() => group('unprovable')).not.toBeNull()
  expect(group('offline')?.querySelector('[role=checkbox]')).toBeNull()
  button('Include: Will run, cannot be proven').click()
  await expect.poll(() => button(/^Reboot/).textContent.trim()).toBe('Reboot 2 devices')
  button('Reboot 2 devices').click()
  await expect.poll(() => app.asked.started.length).toBe(1)
  expect(app.asked.started[0]?.deviceIds).toEqual(['pump-1', 'pump-2'])
})

test('with every group excluded there is nothing to send', async () => {
  await open()
  await expect.poll(() => group('ready')).not.toBeNull()
  button('Include: Ready').click()
  button('Include: Will run, cannot be proven').click()
  await expect.poll(() => button('No device to reboot').disabled).toBe(true)
})

test('the devices of a group are listed as text', async () => {
  await open()
  await expect.poll(() => group('unprovable')).not.toBeNull()
  button('Show the devices: Will run, cannot be proven').click()
  await expect.poll(() => group('unprovable')?.textContent).toContain('<script>alert(1)</script>')
  expect(document.body.querySelector('script')).toBeNull()
})

test('the chosen deadline is sent, and the activity of the action opens', async () => {
  const dialog = await open()
  await expect.poll(() => button(/^Reboot/).disabled).toBe(false)
  const select = document.querySelector('select')
  if (!select) throw new Error('There is no deadline to choose.')
  expect(select.value).toBe('300000')
  select.value = '15000'
  select.dispatchEvent(new Event('change'))
  await nextTick()
  button('Reboot 3 devices').click()
  await expect.poll(() => dialog.emitted('close')).toHaveLength(1)
  expect(app.asked.started[0]).toMatchObject({
    parameters: { kind: 'reboot' },
    hubId: 'local',
    deadlineMs: 15_000,
  })
  expect(useNavigation().isDrawerOpen).toBe(true)
})

test('a failed check says why and can be tried again', async () => {
  const { preflight } = app.answers
  app.answers.preflight = () => {
    throw new AppError('timeout', 'The hub did not answer.', { nextStep: 'Check the network.' })
  }
  await open()
  await expect.poll(() => document.body.textContent).toContain('Check the network.')
  app.answers.preflight = preflight
  button('Try again').click()
  await expect.poll(() => button(/^Reboot/).textContent.trim()).toBe('Reboot 3 devices')
})

test('a start that fails leaves the dialog open with the reason', async () => {
  app.answers.start = () => {
    throw new AppError('internal', 'The journal cannot be written.', { nextStep: 'Free some disk space.' })
  }
  const dialog = await open()
  await expect.poll(() => button(/^Reboot/).disabled).toBe(false)
  button('Reboot 3 devices').click()
  await expect.poll(() => document.body.textContent).toContain('The journal cannot be written.')
  expect(dialog.emitted('close')).toBeUndefined()
  expect(button('Reboot 3 devices').disabled).toBe(false)
})
