import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, show, type } from '../testing/mount.ts'
import { commandRequest, deviceId } from '../testing/values.ts'
import FirmwareDialog from './FirmwareDialog.vue'

enableAutoUnmount(afterEach)

let app: FakeApp
const manifest = {
  format: 'drover-firmware/1',
  version: '2.5.0',
  hardware: ['pump-a', 'pump-b'],
  expiresAt: '2027-01-01T00:00:00Z',
}
const signed = JSON.stringify({
  fwPackageUri: 'https://images.example/pump-2.5.0.bin',
  fwVersion: '2.5.0',
  signature: 'c2lnbmF0dXJl',
  manifest: JSON.stringify(manifest),
})

beforeEach(() => {
  localStorage.clear()
  app = fakeApp()
})

async function open(): Promise<VueWrapper> {
  const request = commandRequest('firmwareUpdate', [deviceId('pump-1')])
  const dialog = show(app, FirmwareDialog, { request })
  await expect.poll(() => document.querySelector('[data-verdict="ready"]')).not.toBeNull()
  return dialog
}

function submit(): HTMLButtonElement {
  return button(/^Update 1/)
}

test('the version, the address, the hardware and the expiry are read from the signed release', async () => {
  await open()
  expect(submit().disabled).toBe(true)
  await type('What “drover-agent sign” printed', signed)
  const facts = document.querySelector('[data-release]')?.textContent ?? ''
  for (const words of ['2.5.0', 'https://images.example/pump-2.5.0.bin', 'pump-a, pump-b', '2027'])
    expect(facts).toContain(words)
})

test('what was pasted is sent as it was', async () => {
  await open()
  await type('What “drover-agent sign” printed', `\n${signed}\n`)
  await expect.poll(() => submit().disabled).toBe(false)
  submit().click()
  await expect.poll(() => app.asked.started.length).toBe(1)
  expect(app.asked.started[0]?.parameters).toEqual({
    kind: 'firmwareUpdate',
    fwVersion: '2.5.0',
    fwPackageUri: 'https://images.example/pump-2.5.0.bin',
    release: signed,
  })
})

test('the pre-flight is asked again for the version of the release: some may already have it', async () => {
  await open()
  await type('What “drover-agent sign” printed', signed)
  await expect
    .poll(() => app.asked.preflights.at(-1)?.parameters)
    .toMatchObject({ kind: 'firmwareUpdate', fwVersion: '2.5.0' })
  expect(app.asked.preflights).toHaveLength(2)
})

test('a release without an address asks for one', async () => {
  await open()
  await type(
    'What “drover-agent sign” printed',
    JSON.stringify({ signature: 'x', manifest: JSON.stringify(manifest) }),
  )
  expect(submit().disabled).toBe(true)
  await type('Package address', 'https://images.example/pump-2.5.0.bin')
  await expect.poll(() => submit().disabled).toBe(false)
})

test.each([
  ['half of it', signed.slice(0, 40), 'This is not JSON.'],
  ['something else', '{"name":"pump"}', 'This JSON names no firmware version.'],
  ['an unsigned one', '{"fwVersion":"2.5.0"}', 'This has no signature.'],
])('%s is told from a release', async (_, text, words) => {
  await open()
  await type('What “drover-agent sign” printed', text)
  expect(document.body.textContent).toContain(words)
  expect(submit().disabled).toBe(true)
})

test('an address and a version alone are sent without a release, and the dialog says for whom that is', async () => {
  await open()
  button('Address only').click()
  await nextTick()
  expect(document.body.textContent).toContain('For devices that know no signatures')
  await type('Version', '2.5.0')
  await type('Package address', 'https://images.example/pump.bin')
  await expect.poll(() => submit().disabled).toBe(false)
  submit().click()
  await expect.poll(() => app.asked.started.length).toBe(1)
  expect(app.asked.started[0]?.parameters).toEqual({
    kind: 'firmwareUpdate',
    fwVersion: '2.5.0',
    fwPackageUri: 'https://images.example/pump.bin',
  })
})

test.each([
  'http://images.example/a',
  'https://user:password@images.example/a',
  'images.example',
  'file:///a',
])('the address %s is refused while it is typed', async (address) => {
  await open()
  button('Address only').click()
  await nextTick()
  await type('Version', '2.5.0')
  await type('Package address', address)
  expect(document.body.textContent).toContain('An address that begins with https:// and has no user name')
  expect(submit().disabled).toBe(true)
})

test('what the application finds wrong in the release is told beside it', async () => {
  app.answers.start = () => {
    throw new AppError('invalid-input', 'The release has expired.', { field: 'release' })
  }
  await open()
  await type('What “drover-agent sign” printed', signed)
  await expect.poll(() => submit().disabled).toBe(false)
  submit().click()
  await expect.poll(() => document.querySelector('.form [role=alert]')?.textContent).toContain('has expired')
})

test('hidden characters of a release are shown as what they are', async () => {
  await open()
  const hostile = { ...manifest, version: '2.5.0\u202e1' }
  await type(
    'What “drover-agent sign” printed',
    JSON.stringify({ signature: 'x', manifest: JSON.stringify(hostile) }),
  )
  expect(document.querySelector('[data-release]')?.textContent).toContain('2.5.0\\u202e1')
})
