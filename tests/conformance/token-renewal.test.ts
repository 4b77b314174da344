import { Client, Message } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closeDevice, handleMethod, registerDevice } from './support/device.ts'
import { readRun } from './support/event-hub.ts'
import { eventually } from './support/eventually.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { invoke } from './support/service.ts'

describe('a device whose token lives for two seconds', () => {
  let scene: Scene

  beforeAll(async () => {
    scene = await openScene()
  })

  afterAll(() => scene.close())

  async function openShortLived(deviceId: string, renewalMarginSeconds: number): Promise<Client> {
    const { ca } = scene.target
    const client = Client.fromConnectionString(
      await registerDevice(scene.target, scene.service, deviceId),
      Mqtt,
    )
    await client.setOptions({
      ...(ca !== undefined && { ca }),
      tokenRenewal: { tokenValidTimeInSeconds: 2, tokenRenewalMarginInSeconds: renewalMarginSeconds },
    })
    await client.open()
    return client
  }

  test('loses no message while it connects anew, and answers methods still', async () => {
    const deviceId = scene.deviceId('renewed')
    const client = await openShortLived(deviceId, 1)
    await handleMethod(client, 'echo', (payload) => ({ status: 200, payload }))
    const reader = await readRun(scene.target)
    const until = Date.now() + 3000
    let sent = 0
    for (; Date.now() < until; sent += 1) await client.sendEvent(new Message(String(sent)))
    // Each at least once: what was on its way when the connection ended is sent again.
    const arrived = () => new Set(reader.bodiesOf('Telemetry').map(String)).size
    await expect.poll(arrived).toBe(sent)
    // A call that comes in the moment in which the connection ends is lost with it.
    const call = { name: 'echo', payload: 1, responseSeconds: 5, connectSeconds: 5 }
    const ask = () => invoke(scene.service, deviceId, call).catch((error: unknown) => error)
    await expect.poll(ask).toEqual({ status: 200, payload: 1 })
    await reader.close()
    await closeDevice(client)
  })

  test('is disconnected by the hub when it does not renew its token', async () => {
    const deviceId = scene.deviceId('expired')
    // A margin of minus one hour: the SDK would renew long after the token has ended.
    const client = await openShortLived(deviceId, -3600)
    const state = async () =>
      String((await scene.service.registry.get(deviceId)).responseBody.connectionState)
    await eventually(state, (value) => value === 'Connected')
    await eventually(state, (value) => value === 'Disconnected', 45_000)
    await closeDevice(client)
  })
})
