import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AzureHubGateway } from '../../core/adapters/azure-hub-gateway.ts'
import { parseConnectionString } from '../../core/domain/connection-string.ts'
import type { HubEvent } from '../../core/ports/hub-events.ts'
import { connectDevice, report } from './support/device.ts'
import type { SdkDevice } from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'

let scene: Scene
let count = 0

beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())

function open(connectionString: string): AzureHubGateway {
  const { local } = scene.target
  const connection = parseConnectionString(connectionString)
  if (!local) return new AzureHubGateway(connection)
  const gateway = { host: '127.0.0.1', port: local.httpsPort }
  return new AzureHubGateway({ ...connection, gateway }, local.caCertificate)
}

/** A live hub gathers the comings and goings of a minute, and tells them only where a route of its does. */
const patience = () =>
  scene.target.local ? { lookMs: 3_000, allMs: 40_000 } : { lookMs: 10_000, allMs: 300_000 }

describe("the hub's own events, through the connection string of the hub alone", () => {
  test('tell of a device that connects, reports and leaves', async () => {
    const { connectionStrings } = scene.target.local ?? {}
    const gateway = open(connectionStrings?.serviceAndRegistryRead ?? scene.target.connectionString)
    const leaving = new AbortController()
    const events: HubEvent[] = []
    await gateway.events.listen((event) => events.push(event), leaving.signal)
    // Only what happens from now on is told, and the client says nothing of when "now" is.
    const waiting: SdkDevice[] = []
    const told = await eventually(
      async () => {
        count += 1
        waiting.push(await connectDevice(scene.target, scene.service, scene.deviceId(`pump-${count}`)))
        return firstTold(events, waiting)
      },
      (found) => found !== undefined,
      patience().allMs,
    )
    if (!told) throw new Error('No event came.')
    const { deviceId, client } = told
    await report(await client.getTwin(), { iothubDM: { reboot: { status: 'completed' } } })
    for (const device of waiting) await device.close()

    const ofDevice = await eventually(
      () => Promise.resolve(events.filter((event) => event.deviceId === deviceId)),
      (found) => found.some((event) => event.kind === 'connection' && !event.isConnected),
      patience().allMs,
    )
    expect(ofDevice).toMatchObject([
      { kind: 'connection', isConnected: true },
      { kind: 'reported', reported: { iothubDM: { reboot: { status: 'completed' } } } },
      { kind: 'connection', isConnected: false },
    ])
    leaving.abort()
    gateway.close()
  }, 700_000)

  test('are refused to a policy that may only read the registry, in words without the key', async () => {
    const connectionString = scene.target.connectionString.replace(
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

/** The first of the devices whose connection is told within a moment. */
async function firstTold(
  events: readonly HubEvent[],
  devices: readonly SdkDevice[],
): Promise<SdkDevice | undefined> {
  const find = () => devices.find(({ deviceId }) => events.some((event) => event.deviceId === deviceId))
  try {
    return await eventually(
      () => Promise.resolve(find()),
      (device) => device !== undefined,
      patience().lookMs,
    )
  } catch {
    return undefined
  }
}
