import { enableAutoUnmount } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { HubId } from '../../contract/app/ids.ts'
import App from '../App.vue'
import { useDeviceView } from '../stores/device-view.ts'
import { useNavigation } from '../stores/navigation.ts'
import { usePreferences } from '../stores/preferences.ts'
import { fakeApp, fleetOf, type FakeApp } from '../testing/fake-app.ts'
import { giveElementsASize, show } from '../testing/mount.ts'
import { deviceRow, hubProfile, localHubId } from '../testing/values.ts'

enableAutoUnmount(afterEach)
beforeAll(() => giveElementsASize())

const contosoId = HubId.parse('contoso')
const contoso = hubProfile({ hubId: contosoId, kind: 'azure', name: '\u202econtoso' })
let app: FakeApp

beforeEach(async () => {
  localStorage.clear()
  app = fakeApp()
  app.hubs.push({ hubs: [hubProfile(), contoso], selected: localHubId })
  app.fleet.push(fleetOf([deviceRow('pump-1'), deviceRow('pump-2')]))
  show(app, App)
  await expect.poll(() => document.querySelectorAll('[data-device-id]').length).toBe(2)
})

async function press(target: EventTarget, key: string, keys: KeyboardEventInit = {}): Promise<void> {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...keys }))
  await nextTick()
}

async function open(): Promise<HTMLInputElement> {
  await press(document.body, 'k', { ctrlKey: true })
  await expect.poll(() => document.querySelector('[role=combobox]')).not.toBeNull()
  return document.querySelector<HTMLInputElement>('[role=combobox]') ?? document.createElement('input')
}

async function typeIn(box: HTMLInputElement, text: string): Promise<void> {
  box.value = text
  box.dispatchEvent(new Event('input', { bubbles: true }))
  await nextTick()
}

function options(): (string | undefined)[] {
  return [...document.querySelectorAll<HTMLElement>('[role=option]')].map(({ dataset }) => dataset['command'])
}

function option(command: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[role=option][data-command="${command}"]`)
}

function activeCommand(): string | undefined {
  return document.querySelector<HTMLElement>('[role=option][aria-selected=true]')?.dataset['command']
}

test('every command of the selection is there with its key, and without a selection with its reason', async () => {
  await open()
  expect(option('reboot')?.textContent).toContain('Select a device first.')
  expect(option('reboot')?.getAttribute('aria-disabled')).toBe('true')
  expect(option('reboot')?.querySelector('kbd')?.textContent).toBe('R')
  expect(option('copy-ids')?.querySelector('kbd')?.textContent).toBe('Ctrl+C')
  expect(option('refresh')?.querySelector('kbd')?.textContent).toBe('F5')
})

test('where nothing can be done comes last', async () => {
  await open()
  const groups = (): (string | undefined)[] =>
    [...document.querySelectorAll('[role=listbox] [role=presentation]')].map((each) =>
      each.textContent.trim(),
    )
  expect(groups()).toEqual(['Go to', 'Hubs', 'Window', 'Selected devices'])
  useDeviceView().selectAll()
  await nextTick()
  expect(groups()[0]).toBe('Selected devices')
})

test('Enter does the first that can be done, and its dialog takes the place of the palette', async () => {
  useDeviceView().selectAll()
  const box = await open()
  await typeIn(box, 'reboot')
  expect(option('reboot')?.textContent).toContain('Reboot 2 devices…')
  await press(box, 'Enter')
  await expect.poll(() => useNavigation().dialog).toMatchObject({ kind: 'reboot', hubId: localHubId })
  expect(document.querySelector('[role=combobox]')).toBeNull()
})

test('the arrows go through all of them, those that cannot be done, too, and around the ends', async () => {
  const box = await open()
  expect(activeCommand()).toBe('go activity')
  await press(box, 'ArrowUp')
  // It is shown already.
  expect(activeCommand()).toBe('go fleet')
  expect(box.getAttribute('aria-activedescendant')).toBe(option('go fleet')?.id)
  await press(box, 'Enter')
  expect(document.querySelector('[role=combobox]')).not.toBeNull()
  for (const _ of options()) await press(box, 'ArrowDown')
  expect(activeCommand()).toBe('go fleet')
})

test('what is typed is looked for in every word, and nothing found says so as text', async () => {
  const box = await open()
  await typeIn(box, 'dark theme')
  expect(options()).toEqual(['theme dark'])
  await typeIn(box, '<b>\u202e')
  expect(options()).toEqual([])
  expect(document.querySelector('.palette')?.textContent).toContain('Nothing here is called “<b>\\u202e”.')
  await press(box, 'Enter')
  expect(document.querySelector('[role=combobox]')).not.toBeNull()
})

test('another view, another hub, another theme: one Enter each', async () => {
  let box = await open()
  await typeIn(box, 'journal')
  await press(box, 'Enter')
  expect(useNavigation().view).toBe('journal')
  box = await open()
  await typeIn(box, 'contoso')
  expect(option('hub contoso')?.textContent).toContain('Switch to \\u202econtoso')
  await press(box, 'Enter')
  await expect.poll(() => app.asked.selected).toEqual([contosoId])
  box = await open()
  await typeIn(box, 'dark')
  await press(box, 'Enter')
  expect(usePreferences().theme).toBe('dark')
})

test('what is shown or in use already cannot be chosen, and says so', async () => {
  await open()
  expect(option('hub local')?.textContent).toContain('It is shown already.')
  expect(option('language en')?.textContent).toContain('It is in use already.')
  option('language en')?.click()
  expect(document.querySelector('[role=combobox]')).not.toBeNull()
})

test('Hangul that is still being put together is not sent off by its Enter', async () => {
  const box = await open()
  await typeIn(box, 'journal')
  await press(box, 'Enter', { isComposing: true })
  expect(useNavigation().view).toBe('fleet')
})

test('the views have keys of their own, which do nothing behind a dialog', async () => {
  await press(document.body, '2', { ctrlKey: true })
  expect(useNavigation().view).toBe('activity')
  await open()
  await press(document.body, '3', { ctrlKey: true })
  expect(useNavigation().view).toBe('activity')
})
