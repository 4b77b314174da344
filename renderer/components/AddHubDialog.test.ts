import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, show } from '../testing/mount.ts'
import { hubProfile } from '../testing/values.ts'
import AddHubDialog from './AddHubDialog.vue'

enableAutoUnmount(afterEach)

const secret = 'HostName=h.azure-devices.net;SharedAccessKeyName=service;SharedAccessKey=c2VjcmV0'
let app: FakeApp

beforeEach(() => {
  app = fakeApp()
})

async function open(): Promise<VueWrapper> {
  const dialog = show(app, AddHubDialog)
  await nextTick()
  return dialog
}

function field(id: string): HTMLInputElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`There is no field ${id}.`)
  return found as HTMLInputElement
}

function type(id: string, text: string): void {
  field(id).value = text
  field(id).dispatchEvent(new Event('input'))
}

async function submit(): Promise<void> {
  await expect.poll(() => button('Add hub').disabled).toBe(false)
  document.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
}

test('a hub is added with a check, and without a name when none is given', async () => {
  const dialog = await open()
  type('connection-string', `  ${secret}\n`)
  await submit()
  await expect.poll(() => dialog.emitted('close')).toHaveLength(1)
  expect(app.asked.added).toEqual([{ connectionString: secret, check: true }])
})

test('name and extra certificates go along when they are given', async () => {
  const dialog = await open()
  type('connection-string', secret)
  type('hub-name', 'Seoul')
  type('extra-ca', '-----BEGIN CERTIFICATE-----')
  await submit()
  await expect.poll(() => dialog.emitted('close')).toHaveLength(1)
  expect(app.asked.added[0]).toMatchObject({ name: 'Seoul', extraCa: '-----BEGIN CERTIFICATE-----' })
})

test('the connection string is concealed until the person asks to see it', async () => {
  await open()
  expect(field('connection-string').type).toBe('password')
  expect(field('connection-string').autocomplete).toBe('off')
  button('Show the connection string').click()
  await expect.poll(() => field('connection-string').type).toBe('text')
})

test('an empty connection string cannot be added', async () => {
  await open()
  expect(button('Add hub').disabled).toBe(true)
})

test('a malformed connection string says which part is wrong and offers no way around it', async () => {
  app.answers.add = () => {
    throw new AppError('invalid-input', 'SharedAccessKey is missing.', { field: 'connectionString' })
  }
  const dialog = await open()
  type('connection-string', 'HostName=h')
  await submit()
  await expect.poll(() => document.body.textContent).toContain('SharedAccessKey is missing.')
  expect(field('connection-string').getAttribute('aria-invalid')).toBe('true')
  expect(() => button('Add without checking')).toThrow('There is no button')
  expect(dialog.emitted('close')).toBeUndefined()
})

test('wrong certificates are shown at their field', async () => {
  app.answers.add = () => {
    throw new AppError('invalid-input', 'This is no certificate.', { field: 'extraCa' })
  }
  await open()
  type('connection-string', secret)
  await submit()
  await expect.poll(() => field('extra-ca').getAttribute('aria-invalid')).toBe('true')
  expect(field('connection-string').getAttribute('aria-invalid')).toBe('false')
  expect(document.querySelector('details')?.open).toBe(true)
})

test('a hub that does not answer can be added without checking', async () => {
  app.answers.add = ({ check }) => {
    if (check) throw new AppError('unreachable', 'The hub does not answer.', { nextStep: 'Check the proxy.' })
    return hubProfile({ kind: 'azure' })
  }
  const dialog = await open()
  type('connection-string', secret)
  await submit()
  await expect.poll(() => document.body.textContent).toContain('Check the proxy.')
  button('Add without checking').click()
  await expect.poll(() => dialog.emitted('close')).toHaveLength(1)
  expect(app.asked.added.map(({ check }) => check)).toEqual([true, false])
})

test('the secret is nowhere in the page once it was sent', async () => {
  const dialog = await open()
  type('connection-string', secret)
  await submit()
  await expect.poll(() => dialog.emitted('close')).toHaveLength(1)
  expect(field('connection-string').value).toBe('')
  expect(document.documentElement.outerHTML).not.toContain('c2VjcmV0')
  expect(JSON.stringify(localStorage)).not.toContain('c2VjcmV0')
})
