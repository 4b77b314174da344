import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, field, show, type } from '../testing/mount.ts'
import { commandRequest, deviceId } from '../testing/values.ts'
import PatchDialog from './PatchDialog.vue'

enableAutoUnmount(afterEach)

let app: FakeApp
const desiredLabel = 'Desired properties (JSON merge patch)'
const tagsLabel = 'Tags (JSON merge patch)'

beforeEach(() => {
  app = fakeApp()
})

async function open(section: 'desired' | 'tags'): Promise<VueWrapper> {
  const request = commandRequest(section, [deviceId('pump-1'), deviceId('camera-1')])
  const dialog = show(app, PatchDialog, { request, section })
  await expect.poll(() => document.querySelector('[data-verdict="ready"]')).not.toBeNull()
  return dialog
}

test('desired properties: the dialog says what null does and when an offline device gets them', async () => {
  await open('desired')
  const words = document.body.textContent
  expect(words).toContain('Set desired properties of 2 devices on Local hub')
  expect(words).toContain('The value null removes a key.')
  expect(words).toContain('a device that is offline gets it when it connects.')
  expect(words).toContain('The hub stores the change, whether the device is online or not.')
})

test('tags: the dialog says that devices do not see them', async () => {
  await open('tags')
  expect(document.body.textContent).toContain('Edit tags of 2 devices on Local hub')
  expect(document.body.textContent).toContain('Devices do not see them.')
})

test.each([
  ['', ''],
  ['[1]', 'A patch is a JSON object'],
  ['{}', 'An empty object changes nothing.'],
  ['{"a" 1}', 'Line 1, column 6: a colon is expected here.'],
])('the patch %j cannot be sent', async (patch, words) => {
  await open('tags')
  await type(tagsLabel, patch)
  expect(document.body.textContent).toContain(words)
  expect(button('Edit tags of 2 devices').disabled).toBe(true)
})

test('more than the hub takes is refused while it is typed', async () => {
  await open('desired')
  await type(desiredLabel, JSON.stringify({ a: 'x'.repeat(140_000) }))
  expect(document.body.textContent).toContain(
    '140,008 characters are more than the 131,072 that a hub takes.',
  )
  expect(button('Set desired properties of 2 devices').disabled).toBe(true)
})

test.each(['desired', 'tags'] as const)('a patch of the %s is sent as it was typed', async (section) => {
  const dialog = await open(section)
  const patch = '{ "site": "seoul", "old": null }'
  await type(section === 'desired' ? desiredLabel : tagsLabel, patch)
  button(/ 2 devices$/).click()
  await expect.poll(() => dialog.emitted('close')).toHaveLength(1)
  expect(app.asked.started).toMatchObject([
    { parameters: { kind: section, patch }, deviceIds: ['pump-1', 'camera-1'] },
  ])
})

test('what the hub would refuse is said beside the patch with the next step', async () => {
  app.answers.start = () => {
    const rest = { field: 'patch', nextStep: 'Correct the patch, then try again.' }
    throw new AppError('invalid-input', 'The key "a.b" is not allowed.', rest)
  }
  const dialog = await open('tags')
  await type(tagsLabel, '{"a.b":1}')
  button('Edit tags of 2 devices').click()
  await expect.poll(() => document.querySelector('.words')?.textContent).toContain('"a.b" is not allowed.')
  expect(document.querySelector('.words')?.textContent).toContain('Correct the patch, then try again.')
  expect(field(tagsLabel).getAttribute('aria-invalid')).toBe('true')
  expect(field(tagsLabel).value).toBe('{"a.b":1}')
  expect(dialog.emitted('close')).toBeUndefined()
})
