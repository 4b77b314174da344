import { Client, Message } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diagnosticsOf } from './support/diagnostics.ts'
import { closeDevice, handleMethod, registerDevice } from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { openLocalHub } from './support/local-hub.ts'
import type { LocalScene } from './support/local-hub.ts'
import { invoke } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'

describe.skipIf(localOnly)(localTitle('a device whose token lives for two seconds'), () => {
  let scene: LocalScene

  beforeAll(async () => {
    scene = await openLocalHub()
  })

  afterAll(() => scene.close())

  async function openShortLived(deviceId: string): Promise<Client> {
    const client = Client.fromConnectionString(
      await registerDevice(scene.target, scene.service, deviceId),
      Mqtt,
    )
    await client.setOptions({
      ca: scene.local.caCertificate,
      tokenRenewal: { tokenValidTimeInSeconds: 2, tokenRenewalMarginInSeconds: 1 },
    })
    await client.open()
    return client
  }

  test('loses no message while it connects anew, and answers methods still', async () => {
    const client = await openShortLived('renewed')
    await handleMethod(client, 'echo', (payload) => ({ status: 200, payload }))
    const telemetry = async () => (await diagnosticsOf(scene.local)).messages.byKind['telemetry'] ?? 0
    const before = await telemetry()
    const until = Date.now() + 3000
    let sent = 0
    for (; Date.now() < until; sent += 1) await client.sendEvent(new Message('{}'))
    expect(await telemetry()).toBeGreaterThanOrEqual(before + sent)
    expect(await invoke(scene.service, 'renewed', { name: 'echo', payload: 1, connectSeconds: 5 })).toEqual({
      status: 200,
      payload: 1,
    })
    await closeDevice(client)
  })

  test('is disconnected by the hub when it does not renew its token', async () => {
    const connectionString = await registerDevice(scene.target, scene.service, 'expired')
    const client = Client.fromConnectionString(connectionString, Mqtt)
    // A margin of minus one hour: the SDK would renew long after the token has ended.
    await client.setOptions({
      ca: scene.local.caCertificate,
      tokenRenewal: { tokenValidTimeInSeconds: 2, tokenRenewalMarginInSeconds: -3600 },
    })
    await client.open()
    const state = async () =>
      String((await scene.service.registry.get('expired')).responseBody.connectionState)
    expect(await state()).toBe('Connected')
    await eventually(state, (value) => value === 'Disconnected', 10_000)
    await closeDevice(client)
  })
})
