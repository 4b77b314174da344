import { enableAutoUnmount } from '@vue/test-utils'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ActionParameters } from '../../contract/app/parameters.ts'
import type { Target } from '../../contract/app/target.ts'
import { useActions } from '../stores/actions.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, giveElementsASize, show } from '../testing/mount.ts'
import { actionId, actionSummary, noon, target } from '../testing/values.ts'
import ActionTargets from './ActionTargets.vue'

enableAutoUnmount(afterEach)
beforeAll(() => giveElementsASize())

let app: FakeApp
const getStatus = { kind: 'method', methodName: 'getStatus', payload: '', responseTimeoutMs: 30_000 } as const
const hostile = '{"html":"<img src=x onerror=alert(1)>","turned":"\u202e"}'

beforeEach(() => {
  app = fakeApp()
})

function answered(id: string, status: number, payload: string): Target {
  const evidence = { kind: 'answer', status, payload, readAt: noon } as const
  if (status < 400) return target(id, { status: 'succeeded', evidence })
  const reason = { code: 'refused', detail: String(status) } as const
  return target(id, { status: 'failed', evidence, reason })
}

async function open(targets: Target[], parameters: ActionParameters = getStatus): Promise<void> {
  app.actions.push([actionSummary('01A', { succeeded: targets.length }, { parameters })])
  app.targets.push({ isReset: true, targets })
  show(app, ActionTargets)
  useActions().open(actionId('01A'))
  await expect.poll(() => row(targets[0]?.deviceId ?? '')).not.toBeNull()
}

function row(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[role=row][data-device-id="${id}"]`)
}

function detail(): HTMLElement | null {
  return document.querySelector('aside')
}

function groups(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[aria-label="Devices by answer"] article')]
}

test('an answer is shown in place, on one line', async () => {
  await open([answered('a', 200, '{"uptime":\n42}')])
  expect(row('a')?.textContent).toContain('Answered 200: {"uptime": 42}')
  expect(row('a')?.textContent).not.toContain('Rebooted')
})

test('a refusal shows the device’s own status and words, and is failed', async () => {
  await open([answered('a', 503, '{"reason":"locked"}')])
  expect(row('a')?.textContent).toContain('Failed')
  expect(row('a')?.textContent).toContain('Refused with 503: {"reason":"locked"}')
})

test('a device that cancelled it itself is shown as cancelled, with who did', async () => {
  const reason = { code: 'cancelled-on-device' } as const
  await open([target('a', { status: 'cancelled', reason })], { kind: 'reboot' })
  expect(row('a')?.textContent).toContain('Cancelled')
  expect(row('a')?.textContent).toContain('cancelled there, by its owner or a program')
})

test('a stored patch shows its version, and says stored, not done', async () => {
  const evidence = { kind: 'twin', version: 7, readAt: noon } as const
  await open([target('a', { status: 'succeeded', evidence })], { kind: 'desired', patch: '{"a":1}' })
  expect(row('a')?.textContent).toContain('Stored')
  expect(row('a')?.textContent).toContain('Stored by the hub as version 7.')
  expect(document.body.textContent).not.toContain('By answer')
})

test('a chosen device shows its whole answer laid out, as text and nothing else', async () => {
  await open([answered('a', 200, hostile)])
  row('a')?.click()
  await expect.poll(() => detail()?.querySelector('pre')?.textContent).toContain('\n  "html": "<img src=x')
  expect(detail()?.textContent).toContain('Status 200')
  expect(detail()?.querySelector('pre')?.textContent).toContain('\\u202e')
  expect(detail()?.textContent).toContain('Answered at')
  expect(document.querySelector('img')).toBeNull()
})

test('a huge answer is shown in part and copied whole', async () => {
  const huge = JSON.stringify(Array.from({ length: 9_000 }, (_, index) => index))
  await open([answered('a', 200, huge)])
  row('a')?.click()
  await expect
    .poll(() => detail()?.textContent)
    .toContain('Only the beginning is shown. The answer has 43,891 characters.')
  expect(detail()?.querySelector('pre')?.textContent).toHaveLength(20_000)
  button('Copy all').click()
  await expect.poll(() => app.asked.copied.length).toBe(1)
  expect(JSON.parse(app.asked.copied[0] ?? '')).toEqual(JSON.parse(huge))
})

test('an answer of brackets only, which would fill the memory when laid out, is copied as it came', async () => {
  const brackets = '['.repeat(60_000)
  await open([answered('a', 200, brackets)])
  row('a')?.click()
  await expect.poll(() => detail()?.querySelector('pre')).not.toBeNull()
  button('Copy all').click()
  await expect.poll(() => app.asked.copied).toEqual([brackets])
})

test('the arrow keys choose the next device, and Escape lets go of it', async () => {
  await open([answered('a', 200, '1'), answered('b', 200, '2')])
  const table = document.querySelector<HTMLElement>('[role=table]')
  const press = (key: string): unknown =>
    table?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
  press('ArrowDown')
  await expect.poll(() => row('a')?.getAttribute('aria-current')).toBe('true')
  press('ArrowDown')
  await expect.poll(() => detail()?.getAttribute('aria-label')).toBe('What b says')
  press('Escape')
  await expect.poll(() => detail()).toBeNull()
})

test('a device without an answer says why in the detail', async () => {
  await open([target('a', { status: 'unknown', reason: { code: 'no-answer' } })])
  row('a')?.click()
  await expect.poll(() => detail()?.textContent).toContain('No answer came back. It may have run.')
  expect(detail()?.querySelector('pre')).toBeNull()
})

test('the same answers are one group, the most frequent first, and those without an answer last', async () => {
  const lost = target('d', { status: 'unknown', reason: { code: 'no-answer' } })
  await open([answered('a', 200, '"old"'), answered('b', 200, '"new"'), answered('c', 200, '"new"'), lost])
  button('By answer').click()
  await expect.poll(() => groups().length).toBe(3)
  const words = groups().map(({ textContent }) => textContent.trim())
  expect(words[0]).toContain('2 devices200"new"')
  expect(words[1]).toContain('1 device200"old"')
  expect(words[2]).toContain('1 deviceNo answer')
})

test('a group opens to its answer and its devices, whose ids are copied one a line', async () => {
  await open([answered('<b>a</b>', 200, '{"v":1}'), answered('b', 200, '{"v":1}')])
  button('By answer').click()
  await expect.poll(() => groups().length).toBe(1)
  button(/^2 devices\s*200/).click()
  await expect.poll(() => groups()[0]?.querySelector('pre')?.textContent).toBe('{\n  "v": 1\n}')
  expect([...(groups()[0]?.querySelectorAll('li') ?? [])].map(({ textContent }) => textContent)).toEqual([
    '<b>a</b>',
    'b',
  ])
  button('Copy 2 device ids').click()
  await expect.poll(() => app.asked.copied).toEqual(['<b>a</b>\nb'])
})

test('of very many different answers the first ones are shown, and the others are counted', async () => {
  await open(Array.from({ length: 205 }, (_, index) => answered(`d${index}`, 200, String(index))))
  button('By answer').click()
  await expect.poll(() => groups().length).toBe(200)
  expect(document.body.textContent).toContain('and 5 more answers')
})

test('before any answer the view by answer says so', async () => {
  await open([target('a', { status: 'sending' })])
  button('By answer').click()
  await expect.poll(() => document.body.textContent).toContain('No device has answered yet.')
})
