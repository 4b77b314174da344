import { once } from 'node:events'
import { Client, Message, X509AuthenticationProvider } from 'azure-iot-device'
import { Http } from 'azure-iot-device-http'
import type { Client as ServiceClient } from 'azure-iothub'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { selfSigned } from '../../local-hub/testing/device-certificates.ts'
import { amqpClient } from './support/amqp-service.ts'
import { send } from './support/cloud-to-device.ts'
import { diagnosticsOf } from './support/diagnostics.ts'
import { registerDevice } from './support/device.ts'
import { openService, setStatus } from './support/service.ts'
import type { Service } from './support/service.ts'
import { localOf, localOnly, localTitle, openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'
import { hubAgent, openHttpsDevice } from './support/transports.ts'

let target: Target
let service: Service

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
})

afterAll(() => target.close())

describe('a device of the SDK over HTTPS', () => {
  let deviceId: string
  let connectionString: string
  let client: Client

  beforeEach(async () => {
    deviceId = `${target.prefix}https`
    connectionString = await registerDevice(target, service, deviceId)
    client = await openHttpsDevice(target, connectionString)
  })

  afterEach(async () => {
    await client.close()
    await service.registry.delete(deviceId)
  })

  const message = (text: string): Message => {
    const made = new Message(text)
    made.messageId = 'm-1'
    made.contentType = 'application/json'
    made.properties.add('Level', 'high')
    return made
  }

  test('sends messages, one or many, which is activity', async () => {
    await client.sendEvent(message('{"a":1}'))
    await client.sendEventBatch([message('{"a":2}'), message('{"a":3}')])
    const { responseBody } = await service.registry.get(deviceId)
    expect(Date.parse(responseBody.lastActivityTime ?? '')).toBeGreaterThan(Date.parse('2020-01-01'))
  })

  test('is never connected', async () => {
    await client.sendEvent(message('{}'))
    const { responseBody } = await service.registry.get(deviceId)
    expect(String(responseBody.connectionState)).toBe('Disconnected')
  })

  test('that sends more than 256 KB is refused', async () => {
    await expect(client.sendEvent(new Message(Buffer.alloc(300_000)))).rejects.toMatchObject({
      response: { statusCode: 413 },
    })
  })

  test('with a wrong key is refused', async () => {
    const key = Buffer.alloc(32, 9).toString('base64')
    const wrong = connectionString.replace(/SharedAccessKey=[^;]*/, `SharedAccessKey=${key}`)
    const stranger = await openHttpsDevice(target, wrong)
    await expect(stranger.sendEvent(message('{}'))).rejects.toMatchObject({ name: 'UnauthorizedError' })
  })

  test('that is disabled is refused', async () => {
    await setStatus(service, deviceId, 'disabled')
    await expect(client.sendEvent(message('{}'))).rejects.toMatchObject({ name: 'UnauthorizedError' })
  })

  test.skipIf(localOnly)(localTitle('is charged for its messages', 'billing'), async () => {
    const local = localOf(target)
    const before = (await diagnosticsOf(local)).messages.byKind['telemetry'] ?? 0
    await client.sendEvent(message('x'.repeat(9000)))
    expect((await diagnosticsOf(local)).messages.byKind['telemetry']).toBe(before + 3)
  })

  test('comes in by its certificate', async () => {
    const certificate = await selfSigned('any')
    const x509Thumbprint = { primaryThumbprint: certificate.thumbprint }
    const x509Id = `${deviceId}-x509`
    const authentication = { type: 'selfSigned' as const, x509Thumbprint }
    await service.registry.create({ deviceId: x509Id, authentication })
    const open = ({ cert, key }: { cert: string; key: string }): Client => {
      const credentials = { host: service.hostName, deviceId: x509Id, x509: { cert, key } }
      const byCertificate = Client.fromAuthenticationProvider(
        new X509AuthenticationProvider(credentials),
        Http,
      )
      void byCertificate.setOptions({ http: { agent: hubAgent(target, service.hostName, { cert, key }) } })
      return byCertificate
    }
    await open(certificate).sendEvent(message('{}'))
    const stranger = open(await selfSigned('any'))
    await expect(stranger.sendEvent(message('{}'))).rejects.toMatchObject({ name: 'UnauthorizedError' })
    await service.registry.delete(x509Id)
  })
})

describe('messages for a device of the SDK over HTTPS', () => {
  let deviceId: string
  let client: Client
  let sender: ServiceClient

  beforeEach(async () => {
    deviceId = `${target.prefix}https-inbox`
    client = await openHttpsDevice(target, await registerDevice(target, service, deviceId))
    sender = amqpClient(target)
    await sender.open()
  })

  afterEach(async () => {
    await sender.close()
    await client.close()
    await service.registry.delete(deviceId)
  })

  /** Polls for the next message, as a device without a connection must. */
  async function receive(): Promise<Message> {
    const arrival = once(client, 'message') as Promise<[Message]>
    const { _transport: transport } = client as unknown as { _transport: { receive(): void } }
    transport.receive()
    return (await arrival)[0]
  }

  test('are received, given back, received again, and completed', async () => {
    await send(sender, deviceId, { id: 'm', body: '{"a":1}', properties: { level: 'high' } })
    const first = await receive()
    expect([first.messageId, String(first.data)]).toEqual(['m', '{"a":1}'])
    expect(first.properties.getValue('iothub-app-level')).toBe('high')
    await client.abandon(first)
    const second = await receive()
    expect(second.messageId).toBe('m')
    await client.complete(second)
    await expect(client.complete(second)).rejects.toMatchObject({ response: { statusCode: 412 } })
  })

  test('that are rejected are gone', async () => {
    await send(sender, deviceId, { id: 'first' })
    await send(sender, deviceId, { id: 'second' })
    await client.reject(await receive())
    expect((await receive()).messageId).toBe('second')
  })
})
