import { enableAutoUnmount, type VueWrapper } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { useDeviceView } from '../stores/device-view.ts'
import { useNavigation } from '../stores/navigation.ts'
import { fakeApp, fleetOf, type FakeApp } from '../testing/fake-app.ts'
import { giveElementsASize, show } from '../testing/mount.ts'
import { actionId, deviceRow, noon } from '../testing/values.ts'
import DeviceGrid from './DeviceGrid.vue'

enableAutoUnmount(afterEach)
beforeAll(() => giveElementsASize())

let app: FakeApp
let grid: VueWrapper
let view: ReturnType<typeof useDeviceView>
const hostileId = '"><img src=x onerror=alert(1)>/é'

beforeEach(async () => {
  localStorage.clear()
  app = fakeApp()
  const lastAction = { actionId: actionId('01A'), kind: 'reboot', status: 'unknown', at: noon } as const
  const rows = Array.from({ length: 300 }, (_, number) => deviceRow(`pump-${number}`))
  app.fleet.push(fleetOf([...rows, deviceRow('meter-1', { lastAction }), deviceRow(hostileId)]))
  grid = show(app, DeviceGrid)
  view = useDeviceView()
  await expect.poll(() => row('pump-0')).not.toBeNull()
})

function row(id: string): HTMLElement | null {
  return (
    [...document.querySelectorAll<HTMLElement>('[data-device-id]')].find(
      (each) => each.dataset['deviceId'] === id,
    ) ?? null
  )
}

function selected(): string[] {
  return [...view.selection.deviceIds]
}

async function click(id: string, keys: MouseEventInit = {}): Promise<void> {
  row(id)?.dispatchEvent(new MouseEvent('click', { bubbles: true, ...keys }))
  await nextTick()
}

async function press(key: string, keys: KeyboardEventInit = {}): Promise<void> {
  const host = grid.get('[role=grid]').element
  host.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...keys }))
  await nextTick()
}

test('only the rows on screen are in the page, and the grid says how many there are', () => {
  expect(document.querySelectorAll('[data-device-id]').length).toBeLessThan(64)
  expect(grid.get('[role=grid]').attributes('aria-rowcount')).toBe('303')
})

test('a device id shows what would hide in it, or turn it around', async () => {
  const ids = ['\u202egnp.exe', 'zero\u200bwidth']
  app.fleet.push(fleetOf(ids.map((id) => deviceRow(id, { firmwareVersion: `${id} 1.0` }))))
  await expect.poll(() => row(ids[0] ?? '')?.textContent).toMatch(/^\\u202egnp\.exe.*\\u202egnp\.exe 1\.0$/)
  expect(row(ids[1] ?? '')?.textContent).toContain('zero\\u200bwidth')
  for (const cell of document.querySelectorAll('[data-device-id] [title]'))
    expect(cell.getAttribute('title')).not.toMatch(/[\u202e\u200b]/)
})

test('a device id is text, whatever is in it', () => {
  expect(row(hostileId)?.textContent).toContain(hostileId)
  expect(document.querySelector('img')).toBeNull()
})

test('click, command click and shift click select one, more and a range', async () => {
  await click('pump-1')
  expect(selected()).toEqual(['pump-1'])
  await click('pump-3', { ctrlKey: true })
  expect(selected()).toEqual(['pump-1', 'pump-3'])
  await click('pump-5', { shiftKey: true })
  expect(selected()).toEqual(['pump-3', 'pump-4', 'pump-5'])
  expect(row('pump-4')?.getAttribute('aria-selected')).toBe('true')
})

test('the checkbox adds a device without a key held', async () => {
  await click('pump-1')
  row('pump-2')
    ?.querySelector('.col-select')
    ?.dispatchEvent(new MouseEvent('click', { bubbles: true }))
  expect(selected()).toEqual(['pump-1', 'pump-2'])
})

test('the keyboard walks, extends and selects all results', async () => {
  await press('ArrowDown')
  await press('ArrowDown')
  const second = selected()
  expect(second).toHaveLength(1)
  await press('ArrowDown', { shiftKey: true })
  expect(selected()).toHaveLength(2)
  expect(selected()).toContain(second[0])
  await press('a', { ctrlKey: true })
  expect(selected()).toHaveLength(302)
  await press('Escape')
  expect(selected()).toEqual([])
})

test('space toggles the row of the keyboard, and moving with the command key keeps the selection', async () => {
  await click('pump-1')
  await press('ArrowDown', { ctrlKey: true })
  expect(selected()).toEqual(['pump-1'])
  await press(' ')
  expect(selected()).toEqual(['pump-1', 'pump-2'])
  await press(' ')
  expect(selected()).toEqual(['pump-1'])
})

test('a right-click outside the selection selects that device, and one inside keeps it', async () => {
  await click('pump-1')
  await click('pump-2', { ctrlKey: true })
  row('pump-2')?.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }))
  expect(selected()).toEqual(['pump-1', 'pump-2'])
  row('pump-9')?.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }))
  expect(selected()).toEqual(['pump-9'])
})

test.each([
  ['ContextMenu', {}],
  ['F10', { shiftKey: true }],
])('%s opens the menu with the commands and their keys', async (key, keys) => {
  await click('pump-1')
  await press(key, keys)
  await expect.poll(() => document.querySelector('[role=menu]')?.textContent).toContain('Reboot 1 device…')
  const reasons = document.querySelector('[data-command="show-last"]')
  expect(reasons?.getAttribute('data-disabled')).not.toBeNull()
  expect(reasons?.textContent).toContain('No action has been sent to this device.')
})

test('the menu has its commands in the order of what they do, each group apart', async () => {
  await click('pump-1')
  await press('ContextMenu')
  await expect.poll(() => document.querySelector('[role=menu]')).not.toBeNull()
  const parts = document.querySelectorAll<HTMLElement>(
    '[role=menu] [data-command], [role=menu] [role=separator]',
  )
  expect([...parts].map(({ dataset }) => dataset['command'] ?? '-')).toEqual([
    'reboot',
    'factoryReset',
    'firmwareUpdate',
    '-',
    'method',
    'desired',
    'tags',
    '-',
    'show-last',
    'copy-ids',
  ])
})

test.each([
  ['r', 'reboot'],
  ['m', 'method'],
  ['d', 'desired'],
  ['t', 'tags'],
])('%s asks for the action “%s” on the selection, and does nothing without one', async (key, kind) => {
  const navigation = useNavigation()
  await press(key)
  expect(navigation.dialog).toBeUndefined()
  await click('pump-1')
  await press(key)
  expect(navigation.dialog).toMatchObject({ kind, deviceIds: ['pump-1'], hubName: 'Local hub' })
})

test('what is asked for carries the filter by which the devices were chosen', async () => {
  const navigation = useNavigation()
  view.filterText = '  pump '
  await click('pump-1')
  await press('r')
  expect(navigation.dialog).toMatchObject({ kind: 'reboot', query: 'pump' })
  navigation.closeDialog()
  view.filterText = 'meter'
  await press('r')
  expect(navigation.dialog).not.toHaveProperty('query')
  view.filterText = ''
  navigation.closeDialog()
  await press('r')
  expect(navigation.dialog).not.toHaveProperty('query')
})

test('the ids of the selection are copied, one on each line', async () => {
  await click('pump-1')
  await click('pump-2', { ctrlKey: true })
  await press('c', { ctrlKey: true })
  await expect.poll(() => app.asked.copied).toEqual(['pump-1\npump-2'])
})

test('the last action of a device opens from its row', () => {
  row('meter-1')?.querySelector<HTMLElement>('button.word')?.click()
  expect(useNavigation().isDrawerOpen).toBe(true)
  expect(selected()).toEqual([])
})

test('a header sorts, and says how', async () => {
  const header = grid.findAll('[role=columnheader]').find((cell) => cell.text() === 'Device id')
  expect(header?.attributes('aria-sort')).toBe('ascending')
  await header?.trigger('click')
  expect(header?.attributes('aria-sort')).toBe('descending')
  await expect.poll(() => view.rowAt(0)?.deviceId).toBe('pump-299')
})

test('an unknown outcome says that it may have run', () => {
  expect(row('meter-1')?.textContent).toContain('Unknown')
  expect(row('meter-1')?.textContent).toContain('may have run')
})

test('a row shows what changed', async () => {
  app.fleet.push(fleetOf([deviceRow('pump-0', { isConnected: false })], { isReset: false }))
  await expect.poll(() => row('pump-0')?.textContent).toContain('Offline')
})
