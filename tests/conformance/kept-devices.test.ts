import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ConnectionString from 'azure-iothub/dist/connection_string.js'
import * as SharedAccessSignature from 'azure-iothub/dist/shared_access_signature.js'
import type { IPublishPacket } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connectPacket, openRawDevice } from '../../local-hub/testing/raw-device.ts'
import type { RawDevice } from '../../local-hub/testing/raw-device.ts'
import { rounds } from '../support/rounds.ts'
import { askHub } from './support/diagnostics.ts'
import { startHubProcess } from './support/hub-process.ts'
import type { HubProcess } from './support/hub-process.ts'
import { openRawAmqp } from './support/raw-amqp.ts'
import { localOnly, localTitle } from './support/target.ts'

const deviceId = 'd'
const devicebound = `devices/${deviceId}/messages/devicebound/#`
const methods = '$iothub/methods/POST/#'

const kills = rounds(3, 10)
/** The queue of a device has room for fifty messages, and nobody takes one out between the rounds. */
const mostInARound = Math.floor(50 / kills) - 1

describe.skipIf(localOnly)(localTitle('what a device finds again when its hub was killed', 'ownHub'), () => {
  let dataFolder: string
  let hub: HubProcess

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'drover-kept-'))
    hub = await startHubProcess({ dataFolder })
    await askHub(hub, { method: 'PUT', path: `/devices/${deviceId}`, body: JSON.stringify({ deviceId }) })
  })

  afterEach(async () => {
    await hub.stop()
    await rm(dataFolder, { recursive: true })
  })

  async function killAndStart(): Promise<void> {
    const exit = once(hub.child, 'exit')
    hub.child.kill('SIGKILL')
    await exit
    hub = await startHubProcess({ dataFolder })
  }

  /** Connects as clean as the test wants; answers whether the hub remembered a session. */
  async function connect({ clean = false, parameters = '' } = {}): Promise<Connected> {
    const { body } = await askHub(hub, { method: 'GET', path: `/devices/${deviceId}` })
    const { authentication } = JSON.parse(body) as Identity
    const key = authentication.symmetricKey.primaryKey
    const target = { ...hub, deviceConnectionString: () => `SharedAccessKey=${key};` }
    const device = await openRawDevice(target)
    const username = `${hub.hostName}/${deviceId}/?api-version=2021-04-12${parameters}`
    device.send(connectPacket(target, deviceId, { clean, username }))
    const connack = await device.next()
    return { device, isPresent: connack.cmd === 'connack' && connack.sessionPresent }
  }

  async function subscribe(device: RawDevice, topic: string): Promise<void> {
    device.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] })
    expect(await device.next()).toMatchObject({ cmd: 'suback', granted: [1] })
  }

  const invoke = () =>
    askHub(hub, {
      method: 'POST',
      path: `/twins/${deviceId}/methods`,
      body: JSON.stringify({ methodName: 'reboot', responseTimeoutInSeconds: 5 }),
    })

  test('its subscriptions, as soon as the hub has granted them', async () => {
    const first = await connect()
    expect(first.isPresent).toBe(false)
    await subscribe(first.device, methods)
    await killAndStart()
    const { device, isPresent } = await connect()
    expect(isPresent).toBe(true)
    const calling = invoke()
    expect(((await device.next()) as IPublishPacket).topic).toMatch(/^\$iothub\/methods\/POST\/reboot\//)
    device.socket.destroy()
    await calling
  })

  test('no subscription that it gave up, and none of a session that was clean', async () => {
    const { device: forgetful } = await connect()
    await subscribe(forgetful, methods)
    forgetful.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: [methods] })
    await forgetful.next()
    await killAndStart()
    const again = await connect()
    expect(again.isPresent).toBe(true)
    expect((await invoke()).status).toBe(404)
    const { device: clean } = await connect({ clean: true })
    await subscribe(clean, methods)
    await killAndStart()
    expect((await connect()).isPresent).toBe(false)
    expect((await invoke()).status).toBe(404)
  })

  test('the model that it announced', async () => {
    await connect({ parameters: '&model-id=dtmi:com:example:Pump;1' })
    await killAndStart()
    const { body } = await askHub(hub, { method: 'GET', path: `/twins/${deviceId}` })
    expect(JSON.parse(body)).toMatchObject({ modelId: 'dtmi:com:example:Pump;1' })
  })

  test('every message that the hub had taken for it, in order', async () => {
    const { device: subscriber } = await connect()
    await subscribe(subscriber, devicebound)
    subscriber.socket.destroy()
    const taken: string[] = []
    for (let round = 0; round < kills; round += 1) {
      const enough = Promise.withResolvers<undefined>()
      const wanted = taken.length + 1 + Math.floor(Math.random() * mostInARound)
      const sending = sendUntilGone(hub, round, (id) => {
        if (taken.push(id) >= wanted) enough.resolve(undefined)
      })
      // Whatever is under way at that moment is cut off.
      await enough.promise
      await killAndStart()
      await sending
    }
    const { device } = await connect()
    const received: string[] = []
    while (!taken.every((id) => received.includes(id))) {
      const packet = (await device.next()) as IPublishPacket
      received.push(/%24\.mid=([^&]*)/.exec(packet.topic)?.[1] ?? '')
      device.send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
    }
    expect(received.filter((id) => taken.includes(id))).toEqual(taken)
  }, 120_000)
})

async function sendUntilGone(
  hub: HubProcess,
  round: number,
  onTaken: (messageId: string) => void,
): Promise<void> {
  const raw = await openRawAmqp(hub)
  const gone = once(raw.connection, 'disconnected').then(() => 'gone')
  const { SharedAccessKeyName: policy = '', SharedAccessKey: key = '' } = ConnectionString.parse(
    hub.connectionString,
  )
  const token = SharedAccessSignature.create(hub.hostName, policy, key, Math.ceil(Date.now() / 1000) + 600)
  await Promise.race([raw.putToken(hub.hostName, token.toString()), gone])
  for (let number = 0; number < mostInARound; number += 1) {
    const message = { to: `/devices/${deviceId}/messages/devicebound`, message_id: `m-${round}-${number}` }
    const sending = raw.send('/messages/devicebound', { ...message, body: 'hello' })
    if ((await Promise.race([sending, gone])) !== undefined) return
    onTaken(message.message_id)
  }
  await gone
}

interface Connected {
  readonly device: RawDevice
  readonly isPresent: boolean
}

interface Identity {
  readonly authentication: { readonly symmetricKey: { readonly primaryKey: string } }
}
