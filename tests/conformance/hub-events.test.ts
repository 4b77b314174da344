import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AzureHubGateway } from '../../core/adapters/azure-hub-gateway.ts'
import { parseConnectionString } from '../../core/domain/connection-string.ts'
import type { HubEvent } from '../../core/ports/hub-events.ts'
import { closeDevice, connectDevice } from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { startHubProcess, type HubProcess } from './support/hub-process.ts'
import { openService, type Service } from './support/service.ts'
import { localAgent, type Target } from './support/target.ts'

let hub: HubProcess
let service: Service
let target: Target

beforeAll(async () => {
  hub = await startHubProcess()
  service = openService(hub.connectionString, localAgent(hub))
  target = { ca: hub.caCertificate, gateway: `;GatewayHostName=localhost:${hub.mqttsPort}` } as Target
})
afterAll(() => hub.stop())

function open(connectionString: string): AzureHubGateway {
  const connection = parseConnectionString(connectionString)
  const gateway = { host: '127.0.0.1', port: hub.httpsPort }
  return new AzureHubGateway({ ...connection, gateway }, hub.caCertificate)
}

describe("the hub's own events, through the connection string of the hub alone", () => {
  test('tell of a device that connects, reports and leaves', async () => {
    const gateway = open(hub.connectionStrings.serviceAndRegistryRead)
    const leaving = new AbortController()
    const events: HubEvent[] = []
    await gateway.events.listen((event) => events.push(event), leaving.signal)
    // Only what happens from now on is told, and the client says nothing of when "now" is.
    const device = await eventually(
      async () => {
        const fresh = await connectDevice(target, service, `pump-${Math.random().toString(36).slice(2)}`)
        const isSeen = await seen(events, fresh.deviceId)
        if (!isSeen) await closeDevice(fresh.client)
        return isSeen ? fresh : undefined
      },
      (found) => found !== undefined,
      40_000,
    )
    if (!device) throw new Error('No event came.')
    const { deviceId, client } = device
    const { properties } = await client.getTwin()
    await new Promise<void>((resolve, reject) => {
      const patch = { iothubDM: { reboot: { status: 'completed' } } }
      const { reported } = properties as unknown as {
        reported: { update(patch: object, done: (error?: Error) => void): void }
      }
      reported.update(patch, (error) => (error ? reject(error) : resolve()))
    })
    await closeDevice(client)

    const ofDevice = await eventually(
      () => Promise.resolve(events.filter((event) => event.deviceId === deviceId)),
      (found) => found.some((event) => event.kind === 'connection' && !event.isConnected),
    )
    expect(ofDevice).toMatchObject([
      { kind: 'connection', isConnected: true },
      { kind: 'reported', reported: { iothubDM: { reboot: { status: 'completed' } } } },
      { kind: 'connection', isConnected: false },
    ])
    leaving.abort()
    gateway.close()
  })

  test('are refused to a policy that may only read the registry, in words without the key', async () => {
    const connectionString = hub.connectionString.replace(
      /SharedAccessKeyName=[^;]+;SharedAccessKey=.*$/,
      'SharedAccessKeyName=service;SharedAccessKey=d3Jvbmc=',
    )
    const gateway = open(connectionString)
    const refusal: unknown = await gateway.events
      .listen(() => {}, new AbortController().signal)
      .catch((e: unknown) => e)
    expect(refusal).toMatchObject({
      code: 'unreachable',
      nextStep: expect.stringContaining('Service connect') as string,
    })
    expect(JSON.stringify(refusal)).not.toContain('d3Jvbmc')
    gateway.close()
  })
})

/** Whether the connection of a device is told within a moment. */
async function seen(events: readonly HubEvent[], deviceId: string): Promise<boolean> {
  try {
    await eventually(
      () => Promise.resolve(events.some((event) => event.deviceId === deviceId)),
      (isThere) => isThere,
      3_000,
    )
    return true
  } catch {
    return false
  }
}
