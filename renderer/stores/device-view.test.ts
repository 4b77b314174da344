import { beforeEach, expect, test } from 'vitest'
import { HubId } from '../../contract/app/ids.ts'
import { selectOnly } from '../model/selection.ts'
import { fakeApp, fleetOf, type FakeApp } from '../testing/fake-app.ts'
import { useStoresOf } from '../testing/mount.ts'
import { deviceId, deviceRow, hubProfile } from '../testing/values.ts'
import { useDeviceView } from './device-view.ts'

let app: FakeApp
let view: ReturnType<typeof useDeviceView>

function shownIds(): (string | undefined)[] {
  return Array.from({ length: view.index.length }, (_, position) => view.rowAt(position)?.deviceId)
}

beforeEach(async () => {
  localStorage.clear()
  app = fakeApp()
  app.fleet.push(
    fleetOf([deviceRow('pump-2'), deviceRow('pump-1', { isConnected: false }), deviceRow('meter-1')]),
  )
  useStoresOf(app)
  view = useDeviceView()
  await expect.poll(() => view.index.length).toBe(3)
})

test('devices are sorted by id until someone sorts them otherwise', () => {
  expect(shownIds()).toEqual(['meter-1', 'pump-1', 'pump-2'])
  view.sortBy('deviceId')
  expect(shownIds()).toEqual(['pump-2', 'pump-1', 'meter-1'])
})

test('the filter works at once', () => {
  view.filterText = 'pump'
  expect(shownIds()).toEqual(['pump-1', 'pump-2'])
  view.filterText = 'offline'
  expect(shownIds()).toEqual(['pump-1'])
})

test('all results are what the filter shows, and the rest stays unselected', () => {
  view.filterText = 'pump'
  view.selectAll()
  expect([...view.selection.deviceIds]).toEqual(['pump-1', 'pump-2'])
  expect(view.isAllSelected).toBe(true)
  view.filterText = ''
  expect(view.isAllSelected).toBe(false)
})

test('selected devices that the filter hides are counted, so that nobody forgets them', () => {
  view.selectAll()
  view.filterText = 'meter'
  expect(view.hiddenSelectedCount).toBe(2)
  expect(view.isAllSelected).toBe(true)
})

test('a selected device that goes away is no longer selected', async () => {
  view.select(selectOnly(deviceId('pump-1')))
  app.fleet.push(fleetOf([], { isReset: false, removed: [deviceId('pump-1')] }))
  await expect.poll(() => view.selection.deviceIds.size).toBe(0)
  expect(shownIds()).toEqual(['meter-1', 'pump-2'])
})

test('the selection survives a change of what the devices say', async () => {
  view.select(selectOnly(deviceId('pump-1')))
  app.fleet.push(fleetOf([deviceRow('pump-1')], { isReset: false }))
  await expect.poll(() => view.rowAt(1)?.isConnected).toBe(true)
  expect([...view.selection.deviceIds]).toEqual(['pump-1'])
})

test('a device that comes online enters the filter for online devices', async () => {
  view.filterText = 'online'
  expect(shownIds()).toEqual(['meter-1', 'pump-2'])
  app.fleet.push(fleetOf([deviceRow('pump-1')], { isReset: false }))
  await expect.poll(shownIds).toEqual(['meter-1', 'pump-1', 'pump-2'])
})

test('another hub begins with no filter and nothing selected', async () => {
  view.selectAll()
  view.filterText = 'pump'
  const other = hubProfile({ hubId: HubId.parse('other') })
  app.hubs.push({ hubs: [other], selected: other.hubId })
  await expect.poll(() => view.filterText).toBe('')
  expect(view.selection.deviceIds.size).toBe(0)
})
