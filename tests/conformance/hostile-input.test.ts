import { once } from 'node:events'
import { request } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import type { Packet } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { HubProcess } from './support/hub-process.ts'
import { sasFor } from './support/sas.ts'
import { openService } from './support/service.ts'
import type { Service } from './support/service.ts'
import { localOnly, localTitle, openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

describe.skipIf(localOnly)(localTitle('hostile input', 'hostile'), () => {
  let target: Target
  let local: HubProcess
  let service: Service
  let key: string

  beforeAll(async () => {
    target = await openTarget()
    if (!target.local) throw new Error('needs the local hub')
    local = target.local
    service = openService(local.connectionString, target.agent)
    const { responseBody } = await service.registry.create({ deviceId: 'd' })
    key = responseBody.authentication?.symmetricKey?.primaryKey ?? ''
  })

  afterEach(async () => {
    expect(local.child.exitCode).toBeNull()
    expect((await service.registry.get('d')).responseBody.deviceId).toBe('d')
  })

  afterAll(() => target.close())

  const tls = (port: number): TLSSocket =>
    connectTls({ host: '127.0.0.1', port, servername: 'localhost', ca: local.caCertificate })

  /** Writes bytes and waits until the hub has closed its side. */
  async function closedAfter(socket: TLSSocket, bytes: Uint8Array): Promise<void> {
    socket.on('error', () => undefined)
    socket.resume()
    socket.write(bytes)
    await once(socket, 'close')
  }

  test('random bytes instead of TLS on either port do no harm', async () => {
    for (const port of [local.httpsPort, local.mqttsPort]) {
      const socket = connectTcp(port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.end(Buffer.alloc(4096, 0x5a))
      await once(socket.resume(), 'close')
    }
  })

  test('random bytes inside TLS on the device port end the connection', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 2, maxLength: 300 }), async (bytes) => {
        const socket = tls(local.mqttsPort)
        socket.on('error', () => undefined)
        socket.end(bytes)
        await once(socket.resume(), 'close')
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    ['a length that never ends', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01])],
    ['a packet of 100 MB', Buffer.from([0x30, 0x80, 0x84, 0xaf, 0x5f])],
    ['something before CONNECT', generate({ cmd: 'pingreq' })],
    [
      'MQTT 3.1',
      generate({
        cmd: 'connect',
        protocolId: 'MQIsdp',
        protocolVersion: 3,
        clientId: 'd',
        clean: true,
        keepalive: 0,
      }),
    ],
    ['random text', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ])('%s on the device port ends the connection', async (_what, bytes) => {
    await closedAfter(tls(local.mqttsPort), bytes)
  })

  /** A connected device, byte by byte. */
  async function connectedSocket(): Promise<TLSSocket> {
    const socket = tls(local.mqttsPort)
    const username = `${local.hostName}/d/?api-version=2021-04-12`
    const password = Buffer.from(sasFor(`${local.hostName}/devices/d`, key))
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clientId: 'd',
        clean: true,
        keepalive: 60,
        username,
        password,
      }),
    )
    const [connack] = (await once(socket, 'data')) as [Buffer]
    expect([...connack]).toEqual([0x20, 2, 0, 0])
    return socket
  }

  const publish = (topic: string, options: object = {}): Packet => ({
    cmd: 'publish',
    topic,
    payload: '{}',
    qos: 0,
    dup: false,
    retain: false,
    ...options,
  })

  test.each<[string, Packet]>([
    ['QoS 2', publish('devices/d/messages/events/', { qos: 2, messageId: 1 })],
    ['a topic of its own', publish('my/topic')],
    ['the topic of another device', publish('devices/other/messages/events/')],
    [
      'a second CONNECT',
      { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'd', clean: true, keepalive: 0 },
    ],
    [
      'an undocumented subscription',
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '#', qos: 0 }] },
    ],
    ['a packet only a server sends', { cmd: 'pingresp' }],
  ])('a connected device that sends %s is disconnected', async (_what, packet) => {
    await closedAfter(await connectedSocket(), generate(packet))
  })

  test.each([
    ['malformed UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ['malformed JSON', Buffer.from('{"a":')],
    ['100,000 brackets', Buffer.from('['.repeat(100_000))],
    ['a list', Buffer.from('[]')],
    ['a polluting key', Buffer.from('{"__proto__":{"polluted":{"$x":1}}}')],
  ])('a report of %s is answered with an error', async (_what, payload) => {
    const socket = await connectedSocket()
    socket.write(generate(publish('$iothub/twin/PATCH/properties/reported/?$rid=1', { payload })))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toContain('$iothub/twin/res/400/?$rid=1')
    socket.end()
  })

  /** A raw, authorised request. */
  async function send(
    method: string,
    path: string,
    body: Uint8Array | string,
  ): Promise<{ status: number; text: string }> {
    const [, policyKey = ''] = /SharedAccessKey=(.*)$/.exec(local.connectionString) ?? []
    const authorization = sasFor(local.hostName, policyKey, { policy: 'iothubowner' })
    const message = request({
      method,
      path,
      agent: target.agent,
      headers: { authorization, 'content-type': 'application/json' },
    })
    message.end(body)
    const [response] = (await once(message, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    return { status: response.statusCode, text: Buffer.concat(chunks).toString() }
  }

  test.each([
    ['malformed UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400],
    ['malformed JSON', '{"query":', 400],
    ['nothing', '', 400],
    ['100,000 brackets', '['.repeat(100_000), 400],
    ['a list', '[]', 400],
    ['2 MB', `"${'x'.repeat(2 * 1024 * 1024)}"`, 413],
    ['a query that is a number', '{"query":1}', 400],
    [
      'a query of 5,000 parentheses',
      JSON.stringify({ query: `SELECT * FROM devices WHERE ${'('.repeat(5000)}` }),
      400,
    ],
    [
      'a query that is too long',
      JSON.stringify({ query: `SELECT * FROM devices WHERE tags.a = '${'x'.repeat(9000)}'` }),
      412,
    ],
  ])('a query request with a body of %s is refused with a documented error', async (_what, body, status) => {
    const answer = await send('POST', '/devices/query?api-version=2021-04-12', body)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text)).toMatchObject({
      Message: expect.stringMatching(/^ErrorCode:\w+;/) as string,
    })
  })

  test.each([
    ['GET', '/devices/%zz?api-version=2021-04-12', 400],
    ['GET', '/devices/d', 400],
    ['GET', '/devices/d?api-version=2010-01-01', 400],
    ['GET', '/nowhere?api-version=2021-04-12', 501],
    ['PUT', '/twins/d/modules/m?api-version=2021-04-12', 400],
    ['GET', '/devices/d/modules/__proto__?api-version=2021-04-12', 404],
    ['POST', '/twins/d/modules/m/methods', 400],
    ['POST', '/jobs/create?api-version=2021-04-12', 501],
    ['GET', '//?api-version=2021-04-12', 501],
    ['GET', '/devices/__proto__?api-version=2021-04-12', 404],
  ])('%s %s is refused with a documented error', async (method, path, status) => {
    const answer = await send(method, path, '')
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text)).toMatchObject({
      Message: expect.stringMatching(/^ErrorCode:\w+;/) as string,
    })
  })
})
