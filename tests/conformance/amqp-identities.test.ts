import { once } from 'node:events'
import { Client as DeviceClient, Message, ModuleClient, X509AuthenticationProvider } from 'azure-iot-device'
import { Amqp as DeviceAmqp } from 'azure-iot-device-amqp'
import type { EventContext } from 'rhea'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newAuthority, selfSigned } from '../../local-hub/testing/device-certificates.ts'
import type { DeviceCertificate, TestAuthority } from '../../local-hub/testing/device-certificates.ts'
import { openRawAmqp } from './support/raw-amqp.ts'
import { closeDevice, report } from './support/device.ts'
import { keyOf, sasFor } from './support/sas.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { setStatus } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'

const testToken = 'a-token-for-tests'

describe('who connects over AMQP', () => {
  let scene: Scene
  let authority: TestAuthority

  beforeAll(async () => {
    authority = await newAuthority('Factory')
    scene = await openScene({ deviceAuthorities: [authority.cert], testToken })
  })

  afterAll(() => scene.close())

  async function openWith(deviceId: string, { cert, key }: DeviceCertificate): Promise<DeviceClient> {
    const { local, ca } = scene.target
    const gateway = local && { gatewayHostName: `localhost:${local.amqpsPort}` }
    const credentials = { host: scene.service.hostName, deviceId, ...gateway, x509: { cert, key } }
    const client = DeviceClient.fromAuthenticationProvider(
      new X509AuthenticationProvider(credentials),
      DeviceAmqp,
    )
    await client.setOptions({ ...(ca !== undefined && { ca }), cert, key })
    await client.open()
    return client
  }

  test('a device with a certificate of its own needs no token', async () => {
    const certificate = await selfSigned('any')
    const x509Thumbprint = { primaryThumbprint: certificate.thumbprint }
    await scene.service.registry.create({
      deviceId: scene.deviceId('own'),
      authentication: { type: 'selfSigned', x509Thumbprint },
    })
    const client = await openWith(scene.deviceId('own'), certificate)
    await client.sendEvent(new Message('{}'))
    await report(await client.getTwin(), { fw: 1 })
    await closeDevice(client)
  })

  const authorities =
    'a device with a certificate of a trusted authority needs no token, and is that device only'

  // Whom a real hub trusts is its owner's to say.
  test.skipIf(localOnly)(localTitle(authorities, 'setUp'), async () => {
    for (const deviceId of ['signed', 'another']) {
      await scene.service.registry.create({ deviceId, authentication: { type: 'certificateAuthority' } })
    }
    const certificate = await authority.issue('signed')
    const client = await openWith('signed', certificate)
    await client.sendEvent(new Message('{}'))
    await closeDevice(client)
    const stranger = await openWith('another', certificate)
    await expect(stranger.sendEvent(new Message('{}'))).rejects.toMatchObject({ name: 'UnauthorizedError' })
    await closeDevice(stranger)
  })

  test('a module has a twin, methods and telemetry of its own', async () => {
    const { registry, hostName } = scene.service
    const { local, ca } = scene.target
    const deviceId = scene.deviceId('gateway')
    await registry.create({ deviceId })
    await registry.addModule({ deviceId, moduleId: 'camera' })
    const { responseBody } = await registry.getModule(deviceId, 'camera')
    const key = responseBody.authentication?.symmetricKey?.primaryKey
    const client = ModuleClient.fromConnectionString(
      `HostName=${hostName};DeviceId=${deviceId};ModuleId=camera;SharedAccessKey=${key ?? ''}` +
        (local ? `;GatewayHostName=localhost:${local.amqpsPort}` : ''),
      DeviceAmqp,
    )
    if (ca !== undefined) await client.setOptions({ ca })
    await client.open()
    await client.sendEvent(new Message('{}'))
    await report(await client.getTwin(), { lens: 'clean' })
    const twin = await registry.getModuleTwin(deviceId, 'camera')
    expect(twin.responseBody.properties.reported).toMatchObject({ lens: 'clean' })
    const state = async () => (await registry.get(deviceId)).responseBody.connectionState
    expect(String(await state())).toBe('Disconnected')
    await client.close()
  })

  test.skipIf(localOnly)(
    localTitle('a back end with the test token may what the owner may', 'ownHub'),
    async () => {
      const client = await openRawAmqp(scene.target.address)
      expect(await client.putToken('https://iothubs.azure.net/.default', `Bearer ${testToken}`)).toBe(200)
      expect(await client.refusalOfSender('/messages/devicebound')).toBeUndefined()
      const other = await openRawAmqp(scene.target.address)
      expect(await other.putToken('https://iothubs.azure.net/.default', 'Bearer another-token')).toBe(401)
      client.close()
      other.close()
    },
  )

  test('many devices share one connection, and the end of one leaves the others', async () => {
    const ids = ['left', 'right'].map((name) => scene.deviceId(name))
    for (const deviceId of ids) await scene.service.registry.create({ deviceId })
    const { connectionString } = scene.target
    const policy = /SharedAccessKeyName=([^;]*)/.exec(connectionString)?.[1] ?? ''
    const client = await openRawAmqp(scene.target.address)
    const { hostName } = scene.service
    expect(await client.putToken(hostName, sasFor(hostName, keyOf(connectionString), { policy }))).toBe(200)
    const [left, right] = ids.map((id) => `/devices/${id}/messages/events`) as [string, string]
    expect([await client.send(left, { body: 'a' }), await client.send(right, { body: 'b' })]).toEqual([
      undefined,
      undefined,
    ])
    const closed = once(client.connection, 'sender_close') as Promise<[EventContext]>
    await setStatus(scene.service, scene.deviceId('left'), 'disabled')
    const [{ sender }] = await closed
    expect(sender?.error).toMatchObject({ condition: 'amqp:link:stolen' })
    expect(await client.send(right, { body: 'c' })).toBeUndefined()
    expect(await client.send(left, { body: 'd' })).toBe('amqp:unauthorized-access')
    client.close()
  })
})
