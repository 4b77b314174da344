import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, X509AuthenticationProvider } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newAuthority, selfSigned } from '../../local-hub/testing/device-certificates.ts'
import type { DeviceCertificate, TestAuthority } from '../../local-hub/testing/device-certificates.ts'
import { closeDevice, handleMethod } from './support/device.ts'
import { eventually } from './support/eventually.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { invoke, refusalOf, setStatus } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'
import { openWebSocketDevice } from './support/transports.ts'

describe('a device with a certificate', () => {
  let scene: Scene
  /** The local hub trusts it; a live one does not know it. */
  let authority: TestAuthority
  let folder: string
  let count = 0

  beforeAll(async () => {
    authority = await newAuthority('Factory')
    folder = await mkdtemp(join(tmpdir(), 'drover-ca-'))
    const deviceCaFile = join(folder, 'ca.pem')
    await writeFile(deviceCaFile, authority.cert)
    scene = await openScene({ deviceCaFile })
  })

  afterAll(async () => {
    await scene.close()
    await rm(folder, { recursive: true })
  })

  function newId(): string {
    count += 1
    return scene.deviceId(`x509-${count}`)
  }

  async function registerSelfSigned(primary: DeviceCertificate, secondary = primary): Promise<string> {
    const deviceId = newId()
    const x509Thumbprint = {
      primaryThumbprint: primary.thumbprint,
      secondaryThumbprint: secondary.thumbprint256,
    }
    await scene.service.registry.create({ deviceId, authentication: { type: 'selfSigned', x509Thumbprint } })
    return deviceId
  }

  async function registerSigned(): Promise<string> {
    const deviceId = newId()
    await scene.service.registry.create({ deviceId, authentication: { type: 'certificateAuthority' } })
    return deviceId
  }

  async function open(deviceId: string, { cert, key }: DeviceCertificate): Promise<Client> {
    const { local, ca } = scene.target
    // From a connection string with x509=true the SDK takes no gateway.
    const gateway = local && { gatewayHostName: `localhost:${local.mqttsPort}` }
    const credentials = { host: scene.service.hostName, deviceId, ...gateway, x509: { cert, key } }
    const client = Client.fromAuthenticationProvider(new X509AuthenticationProvider(credentials), Mqtt)
    await client.setOptions({ ...(ca !== undefined && { ca }), cert, key })
    await client.open()
    return client
  }

  async function answersMethods(client: Client, deviceId: string): Promise<void> {
    await handleMethod(client, 'echo', (payload) => ({ status: 200, payload }))
    expect(await invoke(scene.service, deviceId, { name: 'echo', payload: 7 })).toEqual({
      status: 200,
      payload: 7,
    })
    await closeDevice(client)
  }

  test('of its own connects by either thumbprint, over MQTT', async () => {
    const [first, second] = [await selfSigned('first'), await selfSigned('second')]
    const deviceId = await registerSelfSigned(first, second)
    for (const certificate of [first, second]) {
      await answersMethods(await open(deviceId, certificate), deviceId)
    }
  })

  const trusted = 'of a trusted authority connects by its name, over MQTT'
  test.skipIf(localOnly)(localTitle(trusted, 'setUp'), async () => {
    const deviceId = await registerSigned()
    await answersMethods(await open(deviceId, await authority.issue(deviceId)), deviceId)
  })

  test('connects over WebSocket too', async () => {
    const certificate = await selfSigned('any')
    const deviceId = await registerSelfSigned(certificate)
    const { cert, key } = certificate
    const connectionString = `HostName=${scene.service.hostName};DeviceId=${deviceId};x509=true`
    const client = await openWebSocketDevice(scene.target, connectionString, { cert, key })
    await answersMethods(client, deviceId)
  })

  test('is disconnected and refused when it is disabled', async () => {
    const certificate = await selfSigned('any')
    const deviceId = await registerSelfSigned(certificate)
    const client = await open(deviceId, certificate)
    await setStatus(scene.service, deviceId, 'disabled')
    const state = async () => (await scene.service.registry.get(deviceId)).responseBody.connectionState
    await eventually(state, (value) => String(value) === 'Disconnected')
    await expect(open(deviceId, certificate)).rejects.toThrow(/Connection refused/)
    await closeDevice(client)
  })

  type Attempt = readonly [what: string, prepare: () => Promise<readonly [string, DeviceCertificate]>]

  const strangers: readonly Attempt[] = [
    [
      'a thumbprint that is not registered',
      async () => [await registerSelfSigned(await selfSigned('a')), await selfSigned('a')],
    ],
    [
      'a certificate of an authority where a thumbprint is registered',
      async () => {
        const deviceId = await registerSelfSigned(await selfSigned('a'))
        return [deviceId, await authority.issue(deviceId)]
      },
    ],
    [
      'a certificate of its own where an authority is asked for',
      async () => {
        const deviceId = await registerSigned()
        return [deviceId, await selfSigned(deviceId)]
      },
    ],
    [
      'a certificate of an authority that the hub does not trust',
      async () => {
        const deviceId = await registerSigned()
        return [deviceId, await (await newAuthority('Factory')).issue(deviceId)]
      },
    ],
  ]
  /** Of an authority that a live hub would have to know, or of which IoT Hub documents nothing. */
  const localStrangers: readonly Attempt[] = [
    [
      'the certificate of another device',
      async () => [await registerSigned(), await authority.issue(await registerSigned())],
    ],
    [
      'an expired certificate of the authority',
      async () => {
        const deviceId = await registerSigned()
        return [deviceId, await authority.issue(deviceId, { validTo: Date.parse('2020-01-01') })]
      },
    ],
    [
      'an expired certificate of its own',
      async () => {
        const expired = await selfSigned('old', { validTo: Date.parse('2020-01-01') })
        return [await registerSelfSigned(expired), expired]
      },
    ],
  ]

  async function expectRefused([, prepare]: Attempt): Promise<void> {
    const [deviceId, certificate] = await prepare()
    await expect(open(deviceId, certificate)).rejects.toThrow(/Connection refused/)
  }

  test.each(strangers)('is refused with %s', (...attempt) => expectRefused(attempt))

  test.skipIf(localOnly).each(localStrangers)(localTitle('is refused with %s', 'setUp'), (...attempt) =>
    expectRefused(attempt),
  )

  test('that has keys in the registry is refused with a certificate', async () => {
    const deviceId = newId()
    await scene.service.registry.create({ deviceId })
    await expect(open(deviceId, await authority.issue(deviceId))).rejects.toThrow(/Connection refused/)
  })

  test('is shown with its thumbprints and without keys, in the registry and in its twin', async () => {
    const certificate = await selfSigned('shown')
    const deviceId = await registerSelfSigned(certificate)
    const x509Thumbprint = {
      primaryThumbprint: certificate.thumbprint,
      secondaryThumbprint: certificate.thumbprint256,
    }
    const { responseBody: device } = await scene.service.registry.get(deviceId)
    expect(device.authentication).toEqual({
      type: 'selfSigned',
      symmetricKey: { primaryKey: null, secondaryKey: null },
      x509Thumbprint,
    })
    const { responseBody: twin } = await scene.service.registry.getTwin(deviceId)
    expect(twin).toMatchObject({ authenticationType: 'selfSigned', x509Thumbprint })
  })

  test('keeps its thumbprints when something else is changed', async () => {
    const certificate = await selfSigned('kept')
    const deviceId = await registerSelfSigned(certificate)
    await setStatus(scene.service, deviceId, 'disabled')
    await setStatus(scene.service, deviceId, 'enabled')
    await answersMethods(await open(deviceId, certificate), deviceId)
  })

  test('is refused in the registry when keys and thumbprints are mixed', async () => {
    const authentication = {
      type: 'selfSigned' as const,
      symmetricKey: { primaryKey: Buffer.alloc(32).toString('base64') },
      x509Thumbprint: { primaryThumbprint: 'a'.repeat(40) },
    }
    const refusal = await refusalOf(scene.service.registry.create({ deviceId: newId(), authentication }))
    expect(refusal).toMatchObject({ status: 400, name: 'ArgumentError' })
  })
})
