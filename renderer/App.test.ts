import { enableAutoUnmount } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import App from './App.vue'
import { HubId } from '../contract/app/ids.ts'
import { useActions } from './stores/actions.ts'
import { useDeviceView } from './stores/device-view.ts'
import { useNavigation } from './stores/navigation.ts'
import { usePreferences } from './stores/preferences.ts'
import { fakeApp, fleetOf, type FakeApp } from './testing/fake-app.ts'
import { button, giveElementsASize, show } from './testing/mount.ts'
import { actionSummary, deviceRow, hubProfile, localHubId, noon, target } from './testing/values.ts'

enableAutoUnmount(afterEach)
beforeAll(() => giveElementsASize())

const problem = {
  code: 'unauthorized',
  message: 'The hub refused the key.',
  nextStep: 'Paste a new one.',
} as const
let app: FakeApp

beforeEach(() => {
  localStorage.clear()
  app = fakeApp()
  app.fleet.push(fleetOf([deviceRow('pump-1'), deviceRow('pump-2', { isConnected: false })]))
})

function page(): string {
  return document.body.textContent
}

function rows(): number {
  return document.querySelectorAll('[role=grid] [data-device-id]').length
}

async function press(key: string): Promise<void> {
  window.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }))
  await nextTick()
}

test('the first look says how many devices there are and how old that knowledge is', async () => {
  show(app, App)
  await expect.poll(rows).toBe(2)
  expect(page()).toContain('2 devices')
  expect(page()).toContain('1 online')
  expect(page()).toContain('(query)')
  expect(app.bugs).toEqual([])
})

test('a local hub that is starting says so, with a skeleton in place of rows', async () => {
  app.hubs.push({ hubs: [hubProfile({ state: { kind: 'starting' } })], selected: localHubId })
  show(app, App)
  await expect.poll(page).toContain('Starting the local hub and its demo devices…')
  expect(rows()).toBe(0)
})

test('a local hub that failed says why, and is started again by its button', async () => {
  app.hubs.push({ hubs: [hubProfile({ state: { kind: 'failed', problem } })], selected: localHubId })
  show(app, App)
  await expect.poll(page).toContain('Drover is not connected to Local hub.')
  expect(page()).toContain('Paste a new one.')
  button('Try again').click()
  await expect.poll(() => app.asked.selected).toEqual([localHubId])
})

test('a saved hub whose key is lost can be removed from where it is shown', async () => {
  const hubId = HubId.parse('contoso')
  const hub = hubProfile({ hubId, kind: 'azure', name: 'contoso', state: { kind: 'failed', problem } })
  app.hubs.push({ hubs: [hub], selected: hubId })
  show(app, App)
  await expect.poll(page).toContain('The hub refused the key.')
  button('Remove contoso…').click()
  await expect.poll(page).toContain('Remove contoso from Drover?')
  button('Remove hub').click()
  await expect.poll(() => app.asked.removed).toEqual([hubId])
  await expect.poll(() => useNavigation().dialog).toBeUndefined()
})

test('devices stay on screen when they cannot be read again', async () => {
  const state = { kind: 'failed', problem, asOf: noon } as const
  app.fleet.push(fleetOf([deviceRow('pump-1')], { state }))
  show(app, App)
  await expect.poll(page).toContain('The devices could not be read again.')
  expect(rows()).toBe(1)
})

test('a hub without devices says what to expect', async () => {
  app.fleet.push(fleetOf([]))
  show(app, App)
  await expect.poll(page).toContain('This hub has no devices yet')
})

test('devices show while more of them are read', async () => {
  app.fleet.push(fleetOf([deviceRow('pump-1')], { state: { kind: 'loading', loaded: 8_000 } }))
  show(app, App)
  await expect.poll(page).toContain('Reading devices… 8,000 so far')
  expect(rows()).toBe(1)
})

test('without any hub the person is asked to add one', async () => {
  app.hubs.push({ hubs: [] })
  show(app, App)
  await expect.poll(page).toContain('No hub')
  button('Add hub…').click()
  await expect.poll(() => document.getElementById('connection-string')).not.toBeNull()
})

test('a lost connection says what it means and offers a reload', async () => {
  show(app, App)
  await expect.poll(rows).toBe(2)
  app.close()
  await expect.poll(page).toContain('The window lost its connection to the application.')
  expect(button('Reload the window').disabled).toBe(false)
  expect(rows()).toBe(2)
})

test('slash goes to the filter, and a filter that nothing matches can be cleared', async () => {
  show(app, App)
  await expect.poll(rows).toBe(2)
  await press('/')
  const box = document.querySelector<HTMLInputElement>('[role=searchbox]')
  expect(document.activeElement).toBe(box)
  useDeviceView().filterText = '<b>none</b>'
  await expect.poll(page).toContain('No device matches “<b>none</b>”')
  document.querySelector<HTMLElement>('.no-match button')?.click()
  await expect.poll(rows).toBe(2)
})

test('a selection that the filter hides is counted, and is not all of no results', async () => {
  show(app, App)
  await expect.poll(rows).toBe(2)
  useDeviceView().selectAll()
  useDeviceView().filterText = 'none'
  await expect.poll(page).toContain('2 selected, hidden by the filter')
  expect(useDeviceView().isAllSelected).toBe(false)
  expect(page()).not.toContain('Select all results')
})

test('until a hub of one’s own is there, the window says whose devices these are and offers to add one', async () => {
  show(app, App)
  await expect.poll(page).toContain('Simulated devices to try things on')
  button('Add hub…').click()
  await expect.poll(() => document.getElementById('connection-string')).not.toBeNull()
  useNavigation().closeDialog()
  const contoso = hubProfile({ hubId: HubId.parse('contoso'), kind: 'azure', name: 'contoso' })
  app.hubs.push({ hubs: [hubProfile(), contoso], selected: localHubId })
  await expect.poll(page).not.toContain('Simulated devices')
})

test('the strip repeats the selection and its command', async () => {
  show(app, App)
  await expect.poll(rows).toBe(2)
  expect(page()).toContain('Right-click a device to act on it')
  useDeviceView().selectAll()
  await expect.poll(page).toContain('All 2 results selected')
  useDeviceView().filterText = 'pump-1'
  await expect.poll(page).toContain('1 selected of 1, and 1 hidden by the filter')
  button('Reboot 2 devices…').click()
  await expect
    .poll(() => useNavigation().dialog)
    .toMatchObject({ kind: 'reboot', deviceIds: ['pump-1', 'pump-2'] })
})

test.each([
  ['Reboot 2 devices…', 'Reboot 2 devices on Local hub?'],
  ['Invoke method…', 'Invoke a method on 2 devices of Local hub'],
  ['Set desired…', 'Set desired properties of 2 devices on Local hub'],
  ['Edit tags…', 'Edit tags of 2 devices on Local hub'],
])('“%s” in the strip opens the dialog “%s”', async (command, title) => {
  show(app, App)
  await expect.poll(rows).toBe(2)
  useDeviceView().selectAll()
  await expect.poll(page).toContain('All 2 results selected')
  button(command).click()
  await expect.poll(() => document.querySelector('[role=dialog] h2')?.textContent).toBe(title)
})

test('the strip names what is running: the method, or what is changed', async () => {
  const parameters = {
    kind: 'method',
    methodName: 'getStatus',
    payload: '',
    responseTimeoutMs: 10_000,
  } as const
  app.actions.push([actionSummary('01A', { working: 1, succeeded: 3 }, { parameters })])
  show(app, App)
  await expect.poll(page).toContain('Running: getStatus 3/4')
  app.actions.push([
    actionSummary(
      '01B',
      { succeeded: 4 },
      { parameters: { kind: 'tags', patch: '{}' }, status: 'succeeded' },
    ),
  ])
  await expect.poll(page).toContain('Last: Edit tags of 4 devices, Succeeded')
})

test('a reboot is followed beside the grid from sending to proof', async () => {
  show(app, App)
  await expect.poll(rows).toBe(2)
  useDeviceView().selectAll()
  await nextTick()
  button('Reboot 2 devices…').click()
  await expect.poll(() => button('Reboot 2 devices').disabled).toBe(false)
  app.actions.push([actionSummary('action-1', { sending: 1, waiting: 1 })])
  app.targets.push({ isReset: true, targets: [target('pump-1', { status: 'sending' }), target('pump-2')] })
  button('Reboot 2 devices').click()
  const statusOf = (id: string): string | undefined =>
    document.querySelector<HTMLElement>(`[role=table] [data-device-id="${id}"]`)?.dataset['status']
  await expect.poll(() => statusOf('pump-1')).toBe('sending')
  expect(page()).toContain('Running: Reboot 0/2')
  app.targets.push({ isReset: false, targets: [target('pump-1', { status: 'succeeded' })] })
  await expect.poll(() => statusOf('pump-1')).toBe('succeeded')
  expect(statusOf('pump-2')).toBe('waiting')
})

test('language and theme change at once, and the document says which they are', async () => {
  show(app, App)
  await expect.poll(page).toContain('2 devices')
  usePreferences().language = 'ko'
  usePreferences().theme = 'dark'
  await expect.poll(page).toContain('장치 2개')
  expect(document.documentElement.lang).toBe('ko')
  expect(document.documentElement.dataset['theme']).toBe('dark')
})

test('production colours the bar and says its name', async () => {
  const hub = hubProfile({ kind: 'azure', name: 'contoso-prod', hostName: 'c.azure-devices.net' })
  app.hubs.push({ hubs: [hub], selected: hub.hubId })
  show(app, App)
  await expect.poll(() => document.querySelector('header')?.dataset['hubKind']).toBe('production')
  expect(document.querySelector('header')?.textContent).toContain('Production')
})

describe('a person who looks at another window', () => {
  const running = actionSummary('01A', { working: 3 })
  const ended = actionSummary('01A', { succeeded: 2, unknown: 1 }, { status: 'unsettled' })

  async function look(hasFocus: boolean): Promise<void> {
    vi.spyOn(document, 'hasFocus').mockReturnValue(hasFocus)
    app.actions.push([running])
    show(app, App)
    await expect.poll(page).toContain('0/3')
  }

  afterEach(() => vi.restoreAllMocks())

  test('is told when an action has ended, and what became of it', async () => {
    await look(false)
    app.actions.push([ended])
    await expect
      .poll(() => app.asked.notes)
      .toEqual([{ title: 'Reboot 3 devices', body: 'Local hub: 2 succeeded, 1 unknown' }])
  })

  test('sees the action after choosing the note', async () => {
    app.answers.choosesNotes = () => true
    await look(false)
    app.actions.push([ended])
    await expect.poll(() => useNavigation().isDrawerOpen).toBe(true)
    expect(useActions().openId).toBe('01A')
  })

  test('is told what an action waits for', async () => {
    await look(false)
    app.actions.push([
      { ...running, hold: { kind: 'approval' }, progress: { wave: 1, waves: 2, devices: 1 } },
    ])
    await expect
      .poll(() => app.asked.notes)
      .toMatchObject([{ body: 'Local hub: Waits for approval of wave 2' }])
  })

  test('is told nothing while the window has the focus', async () => {
    await look(true)
    app.actions.push([ended])
    await expect.poll(page).toContain('Not all known')
    expect(app.asked.notes).toEqual([])
  })
})

test('the system speaks the language of the window', async () => {
  show(app, App)
  await expect.poll(() => app.asked.languages).toEqual(['en'])
  usePreferences().language = 'ko'
  await expect.poll(() => app.asked.languages).toEqual(['en', 'ko'])
})
