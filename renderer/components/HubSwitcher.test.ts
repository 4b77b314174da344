import { enableAutoUnmount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HubId } from '../../contract/app/ids.ts'
import { useHubs } from '../stores/hubs.ts'
import { useNavigation } from '../stores/navigation.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, show } from '../testing/mount.ts'
import { hubProfile, localHubId } from '../testing/values.ts'
import HubSwitcher from './HubSwitcher.vue'

enableAutoUnmount(afterEach)

const contosoId = HubId.parse('contoso')
const contoso = hubProfile({
  hubId: contosoId,
  kind: 'azure',
  name: 'contoso <b>prod</b>',
  hostName: 'contoso.azure-devices.net',
  notes: ['owner-policy', 'session-only'],
})
let app: FakeApp

beforeEach(() => {
  app = fakeApp()
})

async function openMenu(selected: HubId): Promise<void> {
  app.hubs.push({ hubs: [hubProfile(), contoso], selected })
  show(app, HubSwitcher)
  await expect.poll(() => useHubs().selected?.hubId).toBe(selected)
  await expect
    .poll(() => document.querySelector('.switcher')?.getAttribute('aria-label'))
    .toMatch(/^Hub: [^N]/)
  document
    .querySelector('.switcher')
    ?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
  await expect.poll(() => document.querySelector('[role=menu]')).not.toBeNull()
}

function item(words: string): HTMLElement {
  const items = [...document.querySelectorAll<HTMLElement>('[role^=menuitem]')]
  const found = items.find((each) => each.textContent.includes(words))
  if (!found) throw new Error(`The menu has no ${words}.`)
  return found
}

test('each hub says its name as text, where it is, how it is, and what to know about its key', async () => {
  await openMenu(localHubId)
  const words = item('contoso').textContent
  expect(words).toContain('contoso <b>prod</b>')
  expect(words).toContain('contoso.azure-devices.net')
  // That it has a key says nothing about whether the hub answers.
  expect(words).not.toContain('Running')
  expect(words).toContain('This key can change everything on the hub.')
  expect(words).toContain('kept in memory until Drover closes')
  expect(item('Local hub').getAttribute('aria-checked')).toBe('true')
})

test('what is written on the switcher is what a screen reader says, production and all', async () => {
  await openMenu(contosoId)
  expect(document.querySelector('.switcher')?.getAttribute('aria-label')).toBe(
    'Hub: contoso <b>prod</b> Production',
  )
})

test('choosing a hub selects it', async () => {
  await openMenu(localHubId)
  item('contoso').click()
  await expect.poll(() => app.asked.selected).toEqual([contosoId])
})

test('the local hub cannot be removed, and the menu says why', async () => {
  await openMenu(localHubId)
  expect(item('Remove Local hub…').dataset['disabled']).toBe('')
  expect(item('Remove Local hub…').textContent).toContain('The local hub is part of Drover.')
})

test('removing a hub asks first', async () => {
  await openMenu(contosoId)
  item('Remove contoso').click()
  await expect.poll(() => useNavigation().dialog).toMatchObject({ kind: 'remove-hub', hubId: contosoId })
  expect(app.asked.removed).toEqual([])
})

test('a hub is added from the menu', async () => {
  await openMenu(localHubId)
  item('Add hub…').click()
  await expect.poll(() => useNavigation().dialog).toEqual({ kind: 'add-hub' })
})

test('without a hub the switcher says so', () => {
  app.hubs.push({ hubs: [] })
  show(app, HubSwitcher)
  expect(button('Hub: No hub')).toBeDefined()
})
