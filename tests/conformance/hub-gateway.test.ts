import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DeviceId } from '../../contract/app/ids.ts'
import { AzureHubGateway } from '../../core/adapters/azure-hub-gateway.ts'
import { parseConnectionString } from '../../core/domain/connection-string.ts'
import type { QueriedDevice } from '../../core/ports/hub-gateway.ts'
import { connectDevice, handleMethod, report, type SdkDevice } from './support/device.ts'
import { startHubProcess, type HubProcess } from './support/hub-process.ts'
import { openService, type Service } from './support/service.ts'
import { localAgent, localOnly, localTitle, type Target } from './support/target.ts'

const { signal } = new AbortController()
const devices = 2_300
const one = DeviceId.parse('device-0001')

let hub: HubProcess
let service: Service
let gateway: AzureHubGateway
let online: SdkDevice

function open(connectionString: string): AzureHubGateway {
  const connection = parseConnectionString(connectionString)
  return new AzureHubGateway(
    { ...connection, gateway: { host: '127.0.0.1', port: hub.httpsPort } },
    hub.caCertificate,
  )
}

beforeAll(async () => {
  hub = await startHubProcess()
  const agent = localAgent(hub)
  service = openService(hub.connectionString, agent)
  const ids = Array.from({ length: devices }, (_, index) => `device-${String(index).padStart(4, '0')}`)
  for (let at = 0; at < ids.length; at += 100) {
    await service.registry.addDevices(ids.slice(at, at + 100).map((deviceId) => ({ deviceId })))
  }
  const target = { ca: hub.caCertificate, gateway: `;GatewayHostName=localhost:${hub.mqttsPort}` } as Target
  online = await connectDevice(target, service, 'online')
  gateway = open(hub.connectionStrings.serviceAndRegistryRead)
})

afterAll(async () => {
  gateway.close()
  await online.close()
  await hub.stop()
})

describe.skipIf(localOnly)(
  localTitle('the gateway of the app, on a hub that speaks the real protocol', 'others'),
  () => {
    test('lists a fleet of several pages, each device once', async () => {
      const pages: (readonly QueriedDevice[])[] = []
      for await (const page of gateway.listDevices([['tags']], signal)) pages.push(page)
      expect(pages.map((page) => page.length)).toEqual([1000, 1000, 301])
      expect(new Set(pages.flat().map(({ deviceId }) => deviceId)).size).toBe(devices + 1)
      expect(pages.flat().find(({ deviceId }) => deviceId === 'online')?.connectionState).toBe('Connected')
    })

    test('merges a patch into the tags, and tells the version after it', async () => {
      const before = await gateway.readTwin(one, signal)
      const version = await gateway.patchTwin(
        { deviceId: one, sections: { tags: { site: 'oslo', rack: { row: 1 } } } },
        signal,
      )
      expect(version).toBeGreaterThan(before.version)
      await gateway.patchTwin({ deviceId: one, sections: { tags: { rack: { row: null, slot: 2 } } } }, signal)
      expect(await gateway.readTwin(one, signal)).toMatchObject({
        deviceId: one,
        tags: { site: 'oslo', rack: { slot: 2 } },
      })
    })

    test('merges a patch into the desired properties, and keeps the notes of the hub out of them', async () => {
      await gateway.patchTwin({ deviceId: one, sections: { desired: { rate: 5 } } }, signal)
      expect((await gateway.readTwin(one, signal)).desired).toEqual({ rate: 5 })
    })

    test('writes both sections at once where nobody else has written since, and nothing where somebody has', async () => {
      const seen = await gateway.readTwin(one, signal)
      const both = { desired: { level: 2 }, tags: { floor: 3 } }
      await gateway.patchTwin({ deviceId: one, sections: both, etag: seen.etag }, signal)
      const late = { deviceId: one, sections: { desired: { level: 9 }, tags: { floor: 9 } }, etag: seen.etag }
      await expect(gateway.patchTwin(late, signal)).rejects.toMatchObject({ code: 'conflict' })
      const now = await gateway.readTwin(one, signal)
      expect(now).toMatchObject(both)
      expect(now.etag).not.toBe(seen.etag)
    })

    test('counts what devices report under the id of an action', async () => {
      await report(await online.client.getTwin(), {
        iothubDM: { reboot: { actionId: '01JD', status: 'completed' } },
      })
      const counted = (actionId: string) => gateway.countReports({ kind: 'reboot', actionId }, signal)
      expect(await counted('01JD')).toEqual([{ status: 'completed', devices: 1 }])
      expect(await counted('01JE')).toEqual([])
      await expect(counted("x' OR true")).rejects.toThrow()
    })

    test("gives a device's answer as the device gave it, whatever its status", async () => {
      await handleMethod(online.client, 'echo', (payload) => ({ status: 418, payload: { heard: payload } }))
      const deviceId = DeviceId.parse('online')
      const answer = await gateway.invokeMethod(
        { deviceId, methodName: 'echo', payload: [1, 'ü'], responseTimeoutMs: 5_000 },
        signal,
      )
      expect(answer).toEqual({ status: 418, payload: { heard: [1, 'ü'] } })
    })

    test('tells an offline device from one that does not exist', async () => {
      const call = { methodName: 'x', payload: null, responseTimeoutMs: 5_000 }
      await expect(gateway.invokeMethod({ deviceId: one, ...call }, signal)).rejects.toMatchObject({
        code: 'device-offline',
      })
      const nobody = DeviceId.parse('nobody')
      await expect(gateway.invokeMethod({ deviceId: nobody, ...call }, signal)).rejects.toMatchObject({
        code: 'not-found',
      })
      await expect(gateway.readTwin(nobody, signal)).rejects.toMatchObject({ code: 'not-found' })
      await expect(
        gateway.patchTwin({ deviceId: nobody, sections: { tags: { a: 1 } } }, signal),
      ).rejects.toMatchObject({ code: 'not-found' })
    })

    test('says which right is missing', async () => {
      const poor = open(hub.connectionStrings.registryRead)
      await expect(poor.readTwin(one, signal)).rejects.toMatchObject({
        code: 'forbidden',
        nextStep: expect.stringContaining('Service connect') as string,
      })
      poor.close()
    })
  },
)
