import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { LocalHub } from '../local-hub.ts'
import { connectPacket } from '../testing/raw-device.ts'
import { generate } from 'mqtt-packet'

let hub: LocalHub

beforeAll(async () => {
  hub = await LocalHub.start()
  await hub.createDevice('d')
})

afterAll(() => hub.stop())

interface Opening {
  readonly path?: string
  readonly protocols?: string | readonly string[]
}

function open(
  { path = '/$iothub/websocket', protocols = 'mqtt' }: Opening = {},
  { caCertificate, httpsPort } = hub,
): WebSocket {
  const options = { ca: caCertificate, servername: 'localhost' }
  return new WebSocket(`wss://127.0.0.1:${httpsPort}${path}`, [protocols].flat(), options)
}

/** The status that refuses a WebSocket. */
async function refusal(webSocket: WebSocket): Promise<string> {
  const [error] = (await once(webSocket, 'error')) as [Error]
  return error.message
}

async function nextMessage(webSocket: WebSocket): Promise<Buffer> {
  const [bytes] = (await once(webSocket, 'message')) as [Buffer]
  return bytes
}

describe('a WebSocket on the HTTPS port', () => {
  test.each([
    '/$iothub/websocket',
    '/%24iothub/websocket',
    '/$iothub/websocket/',
    '/$iothub/websocket?iothub-no-client-cert=true',
  ])('speaks MQTT at %s', async (path) => {
    const webSocket = open({ path })
    await once(webSocket, 'open')
    webSocket.send(generate(connectPacket(hub, 'd')))
    expect([...(await nextMessage(webSocket)).subarray(0, 2)]).toEqual([0x20, 2])
    webSocket.close()
    await once(webSocket, 'close')
  })

  test('takes a packet in many frames, and many packets in one', async () => {
    const webSocket = open()
    await once(webSocket, 'open')
    const bytes = Buffer.concat([generate(connectPacket(hub, 'd')), generate({ cmd: 'pingreq' })])
    const answered = new Promise<void>((resolve) => {
      const received: Buffer[] = []
      webSocket.on('message', (chunk: Buffer) => {
        received.push(chunk)
        if (
          Buffer.concat(received)
            .subarray(4)
            .equals(generate({ cmd: 'pingresp' }))
        )
          resolve()
      })
    })
    for (const byte of bytes.subarray(0, 40)) webSocket.send(Buffer.from([byte]))
    webSocket.send(bytes.subarray(40))
    await answered
    webSocket.terminate()
  })

  test('answers the first protocol that it knows, as the client wrote it', async () => {
    const webSocket = open({ protocols: ['soap', 'MQTT', 'AMQPWSB10'] })
    await once(webSocket, 'open')
    expect(webSocket.protocol).toBe('MQTT')
    webSocket.terminate()
  })

  test.each<[string, Opening, string]>([
    ['another path', { path: '/websocket' }, '404'],
    ['a path above', { path: '/$iothub' }, '404'],
    ['an unknown protocol', { protocols: 'mqttv3.1' }, '400'],
    ['no protocol', { protocols: [] }, '400'],
  ])('is refused at %s', async (_what, opening, status) => {
    expect(await refusal(open(opening))).toContain(status)
  })

  test('that sends more than fits into a frame is closed', async () => {
    const webSocket = open()
    await once(webSocket, 'open')
    webSocket.send(Buffer.alloc(2 * 1024 * 1024))
    const [code] = (await once(webSocket, 'close')) as [number]
    expect(code).toBe(1009)
  })

  test('whose client breaks the framing is closed, and the hub goes on', async () => {
    const webSocket = open()
    webSocket.on('error', () => undefined)
    const closed = once(webSocket, 'close')
    const [response] = (await once(webSocket, 'upgrade')) as [{ socket: NodeJS.WritableStream }]
    response.socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    await closed
    const next = open()
    await once(next, 'open')
    next.terminate()
  })
})

test('a hub that stops says goodbye to devices on WebSockets', async () => {
  const stopping = await LocalHub.start()
  await stopping.createDevice('d')
  const webSocket = open({}, stopping)
  await once(webSocket, 'open')
  webSocket.send(generate(connectPacket(stopping, 'd')))
  await nextMessage(webSocket)
  const closed = once(webSocket, 'close')
  await stopping.stop()
  expect((await closed)[0]).toBe(1005)
})
