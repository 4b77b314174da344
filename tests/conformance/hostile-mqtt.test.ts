import { once } from 'node:events'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { generate } from 'mqtt-packet'
import type { Packet } from 'mqtt-packet'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../local-hub/fleet/seeded-random.ts'
import { connectPacket } from '../../local-hub/testing/raw-device.ts'
import { isLongRun, rounds } from '../support/rounds.ts'
import { forEachAtOnce, openHostileScene } from './support/hostile-scene.ts'
import type { HostileScene } from './support/hostile-scene.ts'
import { mutate, pick, whole } from './support/mutate.ts'
import { localOnly, localTitle } from './support/target.ts'

const timeoutMs = isLongRun ? 1_200_000 : 120_000
const attackers = 40
const atOnce = 8
const upgradeRequest = [
  'GET /$iothub/websocket HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: mqtt',
  '\r\n',
].join('\r\n')

/** A connection costs more than all that is said over it: in a long run 16,000 of them carry some 59,000 packets. */
describe.skipIf(localOnly)(localTitle('malformed packets', 'hostile'), () => {
  let scene: HostileScene

  beforeAll(async () => {
    scene = await openHostileScene()
    for (let index = 0; index < attackers; index += 1) await scene.hub.createDevice(`attacker-${index}`)
  })

  afterEach(() => scene.assertUnharmed())

  afterAll(() => scene.close())

  const attackerOf = (index: number) => `attacker-${index % attackers}`
  const connectOf = (index: number) => generate(connectPacket(scene.hub, attackerOf(index), { clean: true }))

  async function openSocket(port = scene.hub.mqttsPort): Promise<TLSSocket> {
    const { caCertificate: ca } = scene.hub
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca })
    socket.on('error', () => undefined)
    await once(socket, 'secureConnect')
    return socket
  }

  /** Writes, hangs up, and waits until the hub has done so too; answers what it said. */
  async function exchange(socket: TLSSocket, bytes: Uint8Array): Promise<Buffer> {
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    const closed = once(socket, 'close')
    socket.end(bytes)
    await closed
    return Buffer.concat(chunks)
  }

  test(
    'from strangers let nobody in, and the hub stays up',
    async () => {
      const random = seededRandom(1)
      await forEachAtOnce(rounds(400, 8000), atOnce, async (index) => {
        const connectBytes = connectOf(index)
        const bytes = mutate(connectBytes, random)
        const answer = await exchange(await openSocket(), bytes)
        // A mutation behind the credentials may leave a valid CONNECT; else there is no CONNACK 0.
        if (!bytes.subarray(0, connectBytes.length).equals(connectBytes)) {
          expect(isAccepted(answer) && !isHarmless(connectBytes, bytes), bytes.toString('hex')).toBe(false)
        }
      })
    },
    timeoutMs,
  )

  test(
    'from a device that is let in end its connection at worst',
    async () => {
      const random = seededRandom(2)
      await forEachAtOnce(rounds(300, 5000), atOnce, async (index) => {
        const packets = packetsOf(attackerOf(index)).map((packet) => generate(packet))
        const burst = Array.from({ length: 1 + whole(random, 14) }, () =>
          mutate(pick(packets, random), random),
        )
        await exchange(await openSocket(), Buffer.concat([connectOf(index), ...burst]))
      })
    },
    timeoutMs,
  )

  test(
    'in WebSocket frames end the WebSocket at worst',
    async () => {
      const random = seededRandom(3)
      await forEachAtOnce(rounds(150, 3000), atOnce, async (index) => {
        const socket = await openWebSocket()
        const closed = once(socket, 'close')
        const frames = [connectOf(index), ...packetsOf(attackerOf(index)).map((packet) => generate(packet))]
        const burst = Array.from({ length: 1 + whole(random, 8) }, () =>
          mutate(webSocketFrame(pick(frames, random)), random),
        )
        socket.end(Buffer.concat(burst))
        await closed
      })
    },
    timeoutMs,
  )

  /** An open WebSocket without a client that would mind its manners. */
  async function openWebSocket(): Promise<TLSSocket> {
    const socket = await openSocket(scene.hub.httpsPort)
    socket.write(upgradeRequest)
    const [response] = (await once(socket, 'data')) as [Buffer]
    expect(response.toString('latin1')).toContain('101 Switching Protocols')
    return socket.resume()
  }
})

/** CONNACK with return code 0. */
function isAccepted(answer: Buffer): boolean {
  return answer.length >= 4 && answer[0] === 0x20 && answer[3] === 0
}

/**
 * Flags, keep-alive, the query of the user name and the case of an escape may change without a change of who asks; the
 * signature may not.
 */
function isHarmless(connectBytes: Buffer, mutated: Buffer): boolean {
  const signature = /sig=[^&]*/.exec(unescaped(connectBytes))?.[0] ?? ''
  return unescaped(mutated).includes(signature)
}

function unescaped(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replaceAll(/%([0-9a-f]{2})/gi, (_escape, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
}

function packetsOf(deviceId: string): readonly Packet[] {
  const publish = (topic: string, payload: string): Packet => ({
    cmd: 'publish',
    topic,
    payload,
    qos: 1,
    messageId: 7,
    dup: false,
    retain: false,
  })
  return [
    publish(`devices/${deviceId}/messages/events/%24.mid=1&a=b`, '{"temperature":21}'),
    publish('$iothub/twin/GET/?$rid=1', ' '),
    publish('$iothub/twin/PATCH/properties/reported/?$rid=2', '{"a":{"b":[1,2,{"c":3}]},"d":"text"}'),
    publish('$iothub/methods/res/200/?$rid=1', '{"ok":true}'),
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '$iothub/methods/POST/#', qos: 0 }] },
    {
      cmd: 'subscribe',
      messageId: 2,
      subscriptions: [{ topic: `devices/${deviceId}/messages/devicebound/#`, qos: 1 }],
    },
    { cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['$iothub/methods/POST/#'] },
    { cmd: 'puback', messageId: 4 },
    { cmd: 'pingreq' },
    { cmd: 'disconnect' },
  ]
}

/** A binary frame from a client, masked (RFC 6455, 5.2). */
function webSocketFrame(payload: Buffer): Buffer {
  const mask = Buffer.from([1, 2, 3, 4])
  const masked = Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(payload.length)
  const header =
    payload.length < 126
      ? Buffer.from([0x82, 0x80 | payload.length])
      : Buffer.concat([Buffer.from([0x82, 0xfe]), length])
  return Buffer.concat([header, mask, masked])
}
