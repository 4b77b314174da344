import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewAction } from '../../contract/app/action.ts'
import { ActionId, DeviceId } from '../../contract/app/ids.ts'
import type { Preflight } from '../../contract/app/preflight.ts'
import { AzureHubGateway } from '../../core/adapters/azure-hub-gateway.ts'
import { systemClock } from '../../core/adapters/system-clock.ts'
import { parseConnectionString } from '../../core/domain/connection-string.ts'
import type { JournalRecord } from '../../core/domain/journal-record.ts'
import { localHubId } from '../../core/services/hub-service.ts'
import { openDesk, type Desk } from '../../core/testing/desk.ts'
import { FakeJournal, FakeLog } from '../../core/testing/fakes.ts'
import { startHubProcess, type HubProcess } from './support/hub-process.ts'
import { openService, type Service } from './support/service.ts'
import { localAgent, localOnly, localTitle } from './support/target.ts'

const { signal } = new AbortController()
const resetId = ActionId.parse('reset-1')
const parameters = { kind: 'restore', resetId } as const
const [lost, kept, overtaken] = ['lost', 'kept', 'overtaken'].map((id) => DeviceId.parse(id)) as [
  DeviceId,
  DeviceId,
  DeviceId,
]
const deviceIds = [lost, kept, overtaken]
const before = { desired: { rate: 5, mode: { night: true } }, tags: { site: { city: 'oslo' } } }

let hub: HubProcess
let service: Service
let gateway: AzureHubGateway
let desk: Desk

/** What the journal holds of a factory reset that all three have come back from. */
function resetRecords(): JournalRecord[] {
  const at = new Date().toISOString()
  const started: JournalRecord = {
    ...{ type: 'action', at, actionId: resetId, hubId: localHubId, hubName: 'Local hub', hostName: 'h' },
    ...{ by: 'kim', deadlineMs: 60_000, deviceIds, parameters: { kind: 'factoryReset' } },
  }
  const each = deviceIds.flatMap((deviceId): JournalRecord[] => [
    { type: 'twin', at, actionId: resetId, deviceId, ...before },
    { type: 'target', at, actionId: resetId, deviceId, name: 'send' },
    {
      ...{ type: 'target', at, actionId: resetId, deviceId, name: 'succeed' },
      evidence: { kind: 'reset', kept: [], readAt: at },
    },
  ])
  return [started, ...each]
}

beforeAll(async () => {
  hub = await startHubProcess()
  service = openService(hub.connectionString, localAgent(hub))
  gateway = new AzureHubGateway(
    {
      ...parseConnectionString(hub.connectionStrings.serviceAndRegistryRead),
      gateway: { host: '127.0.0.1', port: hub.httpsPort },
    },
    hub.caCertificate,
  )
  for (const deviceId of deviceIds) {
    await service.registry.create({ deviceId })
    await gateway.patchTwin({ deviceId, sections: before }, signal)
  }
  // Whoever registers a device anew gets a new twin; and whoever provisions it writes what new devices begin with.
  for (const deviceId of [lost, overtaken]) {
    await service.registry.delete(deviceId)
    await service.registry.create({ deviceId })
  }
  await gateway.patchTwin({ deviceId: overtaken, sections: { desired: { rate: 60 } } }, signal)
  const journal = new FakeJournal(resetRecords())
  desk = await openDesk({ hub: gateway, journal, clock: systemClock, log: new FakeLog() })
  await desk.readFleet()
})

afterAll(async () => {
  await desk.actions.close()
  gateway.close()
  await hub.stop()
})

function look(): Promise<Preflight> {
  return desk.preflights.preflight({ hubId: localHubId, parameters, deviceIds }, signal)
}

async function restore({ verdicts }: Preflight, ...wanted: DeviceId[]): Promise<Record<string, string>> {
  const seen: NonNullable<NewAction['seen']> = {}
  for (const { deviceId, restore: shown } of verdicts) seen[deviceId] = shown?.etag ?? ''
  const asked = { hubId: localHubId, parameters, deviceIds: wanted, deadlineMs: 60_000, seen }
  const { actionId } = await desk.actions.start(asked, signal)
  await desk.actions.settled()
  const { targets } = desk.store.get(actionId)
  return Object.fromEntries(
    [...targets.values()].map(({ deviceId, status, reason }) => [deviceId, reason?.code ?? status]),
  )
}

const title =
  'what is gone with the identity is there again, what somebody wrote since is not lost, and nothing is written twice'
test.skipIf(localOnly)(localTitle(title, 'others'), async () => {
  const shown = await look()
  expect(shown.verdicts.map(({ verdict }) => verdict)).toEqual(['ready', 'already-done', 'changed-since'])

  await gateway.patchTwin({ deviceId: overtaken, sections: { desired: { rate: 90 } } }, signal)
  expect(await restore(shown, lost, overtaken)).toEqual({ lost: 'succeeded', overtaken: 'changed-meanwhile' })
  expect(await gateway.readTwin(lost, signal)).toMatchObject(before)
  expect((await gateway.readTwin(overtaken, signal)).desired).toEqual({ rate: 90 })

  const again = await look()
  expect(again.verdicts.map(({ verdict }) => verdict)).toEqual([
    'already-done',
    'already-done',
    'changed-since',
  ])
  expect(await restore(again, overtaken)).toEqual({ overtaken: 'succeeded' })
  expect(await gateway.readTwin(overtaken, signal)).toMatchObject(before)
})
