import { beforeEach, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { HubId } from '../../contract/app/ids.ts'
import { fakeApp, fleetOf, type FakeApp } from '../testing/fake-app.ts'
import { useStoresOf } from '../testing/mount.ts'
import { deviceId, deviceRow, hubProfile, localHubId, noon } from '../testing/values.ts'
import { useFleet } from './fleet.ts'

let app: FakeApp
let fleet: ReturnType<typeof useFleet>

beforeEach(() => {
  app = fakeApp()
  app.fleet.push(fleetOf([deviceRow('a'), deviceRow('b', { isConnected: false })]))
  useStoresOf(app)
  fleet = useFleet()
})

test('the devices of the selected hub are there, with how many are online', async () => {
  await expect.poll(() => fleet.size).toBe(2)
  expect(fleet.onlineCount).toBe(1)
  expect(fleet.state).toEqual({ kind: 'ready', asOf: noon, isRefreshing: false })
})

test('a changed device raises the version of the content, not that of the structure', async () => {
  await expect.poll(() => fleet.size).toBe(2)
  const { contentVersion, structureVersion } = fleet
  app.fleet.push(fleetOf([deviceRow('b')], { isReset: false }))
  await expect.poll(() => fleet.onlineCount).toBe(2)
  expect(fleet.contentVersion).toBeGreaterThan(contentVersion)
  expect(fleet.structureVersion).toBe(structureVersion)
})

test('a removed device is gone', async () => {
  await expect.poll(() => fleet.size).toBe(2)
  app.fleet.push(fleetOf([], { isReset: false, removed: [deviceId('a')] }))
  await expect.poll(() => fleet.size).toBe(1)
  expect(fleet.find('a')).toBeUndefined()
})

test('a hub that is still starting is not asked for devices', async () => {
  app.hubs.push({ hubs: [hubProfile({ state: { kind: 'starting' } })], selected: localHubId })
  await expect.poll(() => app.fleet.watcherCount).toBe(0)
  app.hubs.push({ hubs: [hubProfile()], selected: localHubId })
  await expect.poll(() => app.fleet.watcherCount).toBe(1)
})

test('another hub begins with no devices, and the first one is no longer read', async () => {
  await expect.poll(() => fleet.size).toBe(2)
  const other = hubProfile({ hubId: HubId.parse('other'), kind: 'azure', state: { kind: 'starting' } })
  app.hubs.push({ hubs: [hubProfile(), other], selected: other.hubId })
  await expect.poll(() => fleet.size).toBe(0)
  await expect.poll(() => app.fleet.watcherCount).toBe(0)
  expect(fleet.state.kind).toBe('loading')
})

test('a failed refresh keeps the devices and says since when', async () => {
  await expect.poll(() => fleet.size).toBe(2)
  app.answers.refresh = () => {
    throw new AppError('timeout', 'The hub did not answer.')
  }
  await fleet.refresh()
  expect(fleet.state).toMatchObject({ kind: 'failed', asOf: noon, problem: { code: 'timeout' } })
  expect(fleet.size).toBe(2)
})

test('refreshing asks the hub that is looked at', async () => {
  await expect.poll(() => fleet.size).toBe(2)
  await fleet.refresh()
  expect(app.asked.refreshed).toEqual([localHubId])
})

test('a lost connection leaves the devices on screen', async () => {
  await expect.poll(() => fleet.size).toBe(2)
  app.close()
  await expect.poll(() => fleet.state.kind).toBe('failed')
  expect(fleet.size).toBe(2)
})
