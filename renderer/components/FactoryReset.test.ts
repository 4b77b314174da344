import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Warning } from '../../contract/app/preflight.ts'
import { AppError } from '../../contract/errors.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, field, show, type } from '../testing/mount.ts'
import { commandRequest, deviceId, preflightOf } from '../testing/values.ts'
import ProofDialog from './ProofDialog.vue'

enableAutoUnmount(afterEach)

let app: FakeApp
const deviceIds = [deviceId('pump-1'), deviceId('pump-2')]
const countLabel = 'Number of devices: 2'
const hubLabel = 'Name of the hub: Local hub'

beforeEach(() => {
  localStorage.clear()
  app = fakeApp()
})

async function open(warnings: Warning[] = []): Promise<VueWrapper> {
  const verdicts = [
    { deviceId: deviceId('pump-1'), verdict: 'ready' as const, keeps: ['identity', '<b>net</b>'] },
    { deviceId: deviceId('pump-2'), verdict: 'ready' as const, keeps: [] },
  ]
  app.answers.preflight = () => preflightOf(verdicts, { warnings })
  const dialog = show(app, ProofDialog, {
    request: commandRequest('factoryReset', deviceIds),
    kind: 'factoryReset',
  })
  await expect.poll(() => document.querySelector('[data-verdict="ready"]')).not.toBeNull()
  return dialog
}

function submit(): HTMLButtonElement {
  return button(/^Reset/)
}

test('the button is red, and stays disabled until the count and the name of the hub are typed', async () => {
  await open()
  expect(submit().classList.contains('danger')).toBe(true)
  expect(submit().textContent.trim()).toBe('Reset 2 devices')
  expect(submit().disabled).toBe(true)
  expect(document.querySelector('#obstacle')?.textContent).toBe('Type the number and the hub’s name first.')
  await type(countLabel, '2')
  expect(submit().disabled).toBe(true)
  await type(hubLabel, 'Local hu')
  expect(submit().disabled).toBe(true)
  await type(hubLabel, 'Local hub')
  expect(submit().disabled).toBe(false)
  expect(document.querySelector('#obstacle')).toBeNull()
  submit().click()
  await expect.poll(() => app.asked.started.length).toBe(1)
  expect(app.asked.started[0]).toMatchObject({
    parameters: { kind: 'factoryReset' },
    deviceIds: ['pump-1', 'pump-2'],
    confirmation: { count: 2, hubName: 'Local hub' },
  })
})

test('a wrong count is marked, and an excluded group asks for another one', async () => {
  await open()
  await type(countLabel, '3')
  expect(field(countLabel).getAttribute('aria-invalid')).toBe('true')
  await type(hubLabel, 'Local hub')
  await type(countLabel, '2')
  expect(submit().disabled).toBe(false)
  button('Include: Ready').click()
  await expect.poll(() => document.body.textContent).toContain('Number of devices: 0')
  expect(button('No device to reset').disabled).toBe(true)
})

test('the focus is on Cancel', async () => {
  await open()
  await expect.poll(() => document.activeElement?.textContent.trim()).toBe('Cancel')
})

test('Enter in a field of the confirmation does not reset anything', async () => {
  await open()
  await type(countLabel, '2')
  await type(hubLabel, 'Local hub')
  const enter = { key: 'Enter', ctrlKey: true, bubbles: true }
  field(hubLabel).dispatchEvent(new KeyboardEvent('keydown', enter))
  document.querySelector('select')?.dispatchEvent(new KeyboardEvent('keydown', enter))
  expect(app.asked.started).toEqual([])
})

test('what each device keeps is said, as text', async () => {
  await open()
  expect(document.body.textContent).toContain('1 device keeps: <b>net</b>, identity')
  expect(document.body.textContent).toContain('1 device keeps nothing')
  expect(document.querySelector('[data-verdict] b')).toBeNull()
})

test('a device whose identity is wiped is warned of, with what to do about it', async () => {
  await open([{ kind: 'identity-wiped', devices: 1 }])
  const words = document.querySelector('[data-warning="identity-wiped"]')?.textContent
  expect(words).toContain('1 device says that its identity is wiped: it will not come back by itself.')
  expect(words).toContain('provision them again')
})

test('more devices than allowed cannot be reset until more are allowed, in words of a campaign', async () => {
  await open([{ kind: 'over-cap', devices: 2, cap: 1 }])
  await type(countLabel, '2')
  await type(hubLabel, 'Local hub')
  expect(submit().disabled).toBe(true)
  app.answers.preflight = () =>
    preflightOf(deviceIds.map((id) => ({ deviceId: id, verdict: 'ready' as const })))
  button('Allow 2 devices').click()
  await expect.poll(() => submit().disabled).toBe(false)
  expect(app.asked.preflights.at(-1)?.policy?.mostDevices).toBe(2)
})

test('a confirmation that the application does not take is told, and nothing is lost', async () => {
  app.answers.start = () => {
    throw new AppError('invalid-input', 'The count has changed.', { field: 'confirmation' })
  }
  const dialog = await open()
  await type(countLabel, '2')
  await type(hubLabel, 'Local hub')
  submit().click()
  await expect.poll(() => document.body.textContent).toContain('The count has changed.')
  expect(dialog.emitted('close')).toBeUndefined()
})
