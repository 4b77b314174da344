import { once } from 'node:events'
import { connect } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import rhea from 'rhea'
import type { Connection, Sender } from 'rhea'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { rounds } from '../../tests/support/rounds.ts'
import { seededRandom } from '../fleet/seeded-random.ts'
import type { Random } from '../fleet/seeded-random.ts'
import { LocalHub } from '../local-hub.ts'
import { sas } from '../testing/raw-device.ts'

const bugs: unknown[] = []
let hub: LocalHub
let genuine: Client
/** What a device says from its first byte on. */
let recorded: Buffer

beforeAll(async () => {
  hub = await LocalHub.start({ onBug: (error) => bugs.push(error) })
  genuine = await openClient('witness')
  const victim = await openClient('pump')
  recorded = victim.bytes()
  victim.connection.close()
  // rhea writes to the console about what it does not like.
  for (const level of ['error', 'warn'] as const) vi.spyOn(console, level).mockReturnValue()
})

afterAll(async () => {
  vi.restoreAllMocks()
  genuine.connection.close()
  await hub.stop()
})

interface Client {
  readonly connection: Connection
  readonly telemetry: Sender
  /** All that the client has sent. */
  readonly bytes: () => Buffer
}

/** A device that has said who it is, and sends telemetry. */
async function openClient(deviceId: string): Promise<Client> {
  const key = /SharedAccessKey=([^;]*)/.exec(await hub.createDevice(deviceId))?.[1] ?? ''
  const resource = `${hub.hostName}/devices/${deviceId}`
  const chunks: Buffer[] = []
  const container = rhea.create_container()
  for (const event of ['disconnected', 'error', 'sender_error']) container.on(event, () => undefined)
  const connection = container.connect({
    reconnect: false,
    connection_details: () => ({
      host: 'localhost',
      port: hub.amqpsPort,
      // eslint-disable-next-line max-params -- as rhea calls it
      connect: (_port: number, _host: string, _options: unknown, done: () => void) => {
        const socket = connect({ port: hub.amqpsPort, servername: 'localhost', ca: hub.caCertificate }, done)
        const write = socket.write.bind(socket)
        socket.write = (bytes: Buffer) => {
          chunks.push(Buffer.from(bytes))
          return write(bytes)
        }
        return socket
      },
    }),
  } as never)
  const claims = connection.open_sender('$cbs')
  const answers = connection.open_receiver('$cbs')
  await once(claims, 'sendable')
  claims.send({
    message_id: '1',
    reply_to: 'cbs',
    application_properties: {
      operation: 'put-token',
      type: 'servicebus.windows.net:sastoken',
      name: resource,
    },
    body: sas(resource, key, Date.parse('2100-01-01')),
  })
  await once(answers, 'message')
  const telemetry = connection.open_sender(`/devices/${deviceId}/messages/events`)
  connection.open_receiver(`/devices/${deviceId}/messages/devicebound`)
  await once(telemetry, 'sendable')
  await sendFrom(telemetry)
  return { connection, telemetry, bytes: () => Buffer.concat(chunks) }
}

async function sendFrom(telemetry: Sender): Promise<void> {
  const accepted = once(telemetry, 'accepted')
  telemetry.send({ body: '{}', application_properties: { level: 'hot' } })
  await accepted
}

/** Sends the bytes, hangs up, and waits until the hub has done so, too. */
async function say(bytes: Buffer): Promise<void> {
  const socket: TLSSocket = connect({ port: hub.amqpsPort, servername: 'localhost', ca: hub.caCertificate })
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'secureConnect')
  const closed = once(socket, 'close')
  socket.end(bytes)
  await closed
}

function mutated(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes)
  const at = () => Math.floor(random() * copy.length)
  for (let count = Math.ceil(random() * 4); count > 0; count -= 1) {
    if (random() < 0.7) copy[at()] = Math.floor(random() * 256)
    else copy.copyWithin(at(), at(), at())
  }
  return random() < 0.2 ? copy.subarray(0, at()) : copy
}

async function stillServes(): Promise<void> {
  await sendFrom(genuine.telemetry)
  expect(bugs).toEqual([])
}

describe('a hostile client over AMQP', { timeout: rounds(30_000, 1_200_000) }, () => {
  test('that sends anything at all does not disturb the others', async () => {
    const random = seededRandom(1)
    for (let round = 0; round < rounds(50, 2000); round += 1) {
      const bytes = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)))
      const begin = Buffer.from('AMQP\0\x01\0\0', 'latin1')
      await say(round % 2 === 0 ? bytes : Buffer.concat([begin, bytes]))
    }
    await stillServes()
  })

  test('that sends what a device sends, with some bytes wrong, does not disturb the others', async () => {
    const random = seededRandom(2)
    for (let round = 0; round < rounds(150, 20_000); round += 1) await say(mutated(recorded, random))
    await stillServes()
  })

  test('that claims to settle four billion deliveries holds up nobody', async () => {
    // The performative 0x15: from a receiver, first 0, last 0xffffffff, settled.
    const disposition = Buffer.from('00000016020000000053' + '15c0090441' + '4370ffffffff41', 'hex')
    const started = Date.now()
    await say(Buffer.concat([recorded, disposition]))
    await stillServes()
    expect(Date.now() - started).toBeLessThan(2000)
  })

  test('that never ends a message is hung up on', async () => {
    const client = await openClient('pump')
    const gone = once(client.connection, 'disconnected')
    // Within the limits of a frame, beyond those of a message.
    client.telemetry.send({ body: 'x'.repeat(2 * 1024 * 1024) })
    await gone
    await stillServes()
  })
})
