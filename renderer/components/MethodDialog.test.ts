import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { useMethodHistory } from '../stores/method-history.ts'
import { useNavigation } from '../stores/navigation.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, field, show, type } from '../testing/mount.ts'
import { commandRequest, deviceId, noon } from '../testing/values.ts'
import MethodDialog from './MethodDialog.vue'

enableAutoUnmount(afterEach)

let app: FakeApp
const deviceIds = [deviceId('pump-1'), deviceId('pump-2')]

beforeEach(() => {
  localStorage.clear()
  app = fakeApp()
})

async function open(): Promise<VueWrapper> {
  const dialog = show(app, MethodDialog, { request: commandRequest('method', deviceIds) })
  await expect.poll(() => document.querySelector('[data-verdict="ready"]')).not.toBeNull()
  return dialog
}

function submit(): HTMLButtonElement {
  return button(/^Invoke/)
}

test('the button names the method and the number of devices that it is invoked on', async () => {
  await open()
  expect(document.body.textContent).toContain('Invoke a method on 2 devices of Local hub')
  expect(submit().textContent.trim()).toBe('Invoke method on 2 devices')
  await type('Method name', 'getStatus')
  expect(submit().textContent.trim()).toBe('Invoke getStatus on 2 devices')
})

test('without a name there is nothing to invoke', async () => {
  await open()
  expect(submit().disabled).toBe(true)
  await type('Method name', '   ')
  expect(submit().disabled).toBe(true)
  await type('Method name', 'getStatus')
  expect(submit().disabled).toBe(false)
})

test('a mistake in the payload is named with its place, and nothing can be sent', async () => {
  await open()
  await type('Method name', 'getStatus')
  await type('Payload (JSON)', '{\n  "a": 1,\n}')
  expect(document.body.textContent).toContain('Line 3, column 1: a name in double quotes is expected here.')
  expect(field('Payload (JSON)').getAttribute('aria-invalid')).toBe('true')
  expect(submit().disabled).toBe(true)
})

test('a click on the mistake puts the cursor at it', async () => {
  await open()
  await type('Payload (JSON)', '[1 2]')
  button(/^Line 1, column 4/).click()
  const area = field('Payload (JSON)')
  expect(document.activeElement).toBe(area)
  expect(area.selectionStart).toBe(3)
})

test('name, payload as typed and patience are sent, and the activity opens', async () => {
  const dialog = await open()
  await type('Method name', ' getStatus ')
  await type('Payload (JSON)', '{ "deep": 12345678901234567890 }')
  const select = document.querySelector('select')
  if (!select) throw new Error('There is no timeout to choose.')
  expect(select.value).toBe('30000')
  select.value = '60000'
  select.dispatchEvent(new Event('change'))
  await nextTick()
  submit().click()
  await expect.poll(() => dialog.emitted('close')).toHaveLength(1)
  expect(app.asked.started).toEqual([
    {
      hubId: 'local',
      deviceIds: ['pump-1', 'pump-2'],
      deadlineMs: 75_000,
      parameters: {
        kind: 'method',
        methodName: 'getStatus',
        payload: '{ "deep": 12345678901234567890 }',
        responseTimeoutMs: 60_000,
      },
    },
  ])
  expect(useNavigation().isDrawerOpen).toBe(true)
})

test('Ctrl+Enter sends from wherever the cursor is', async () => {
  await open()
  await type('Method name', 'getStatus')
  const key = { key: 'Enter', ctrlKey: true, bubbles: true }
  field('Payload (JSON)').dispatchEvent(new KeyboardEvent('keydown', key))
  await expect.poll(() => app.asked.started.length).toBe(1)
})

test('Enter alone sends nothing: it belongs to the text', async () => {
  await open()
  await type('Method name', 'getStatus')
  field('Payload (JSON)').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
  await nextTick()
  expect(app.asked.started).toEqual([])
})

test('what the application finds wrong in the payload is said beside it, until it is changed', async () => {
  app.answers.start = () => {
    const rest = { field: 'payload', nextStep: 'Make it shorter.' }
    throw new AppError('invalid-input', 'The payload is too long.', rest)
  }
  const dialog = await open()
  await type('Method name', 'getStatus')
  submit().click()
  await expect.poll(() => document.querySelector('.words')?.textContent).toContain('Make it shorter.')
  expect(dialog.emitted('close')).toBeUndefined()
  expect(document.querySelector('[role=alert]')).toBeNull()
  await type('Payload (JSON)', '1')
  expect(document.body.textContent).not.toContain('Make it shorter.')
})

test('any other failure leaves the dialog open with its reason', async () => {
  app.answers.start = () => {
    throw new AppError('conflict', 'A device is busy.', { nextStep: 'Wait for it.' })
  }
  await open()
  await type('Method name', 'getStatus')
  submit().click()
  await expect.poll(() => document.querySelector('[role=alert]')?.textContent).toContain('A device is busy.')
})

test('an invoked method is remembered, one that was not started is not', async () => {
  await open()
  await type('Method name', 'getStatus')
  await type('Payload (JSON)', '[]')
  expect(useMethodHistory().used).toEqual([])
  submit().click()
  await expect.poll(() => useMethodHistory().used).toMatchObject([{ methodName: 'getStatus', payload: '[]' }])
})

async function openHistory(): Promise<HTMLElement> {
  const trigger = button('Used before')
  trigger.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, button: 0 }))
  trigger.click()
  await expect.poll(() => document.querySelector('[role=menu]')).not.toBeNull()
  return document.querySelector<HTMLElement>('[role=menu]') ?? document.body
}

test('a method of the history is filled in with its payload, of which the list shows nothing', async () => {
  const payload = '{"password":"hunter2"}'
  localStorage.setItem(
    'drover.method-history',
    JSON.stringify([{ methodName: 'login', payload, usedAt: noon }]),
  )
  await open()
  const menu = await openHistory()
  expect(menu.textContent).toContain('login')
  expect(menu.textContent).toContain('22 characters of payload')
  expect(menu.textContent).not.toContain('hunter2')
  menu.querySelector<HTMLElement>('[aria-label="Use login again"]')?.click()
  await expect.poll(() => field('Method name').value).toBe('login')
  expect(field('Payload (JSON)').value).toBe(payload)
})

test('without a history there is nothing to open', async () => {
  await open()
  expect(document.querySelector('[aria-label="Used before"]')).toBeNull()
})
