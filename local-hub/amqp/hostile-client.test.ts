import { once } from 'node:events'
import type { EventContext } from 'rhea'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { rounds } from '../../tests/support/rounds.ts'
import { seededRandom } from '../fleet/seeded-random.ts'
import type { Random } from '../fleet/seeded-random.ts'
import { LocalHub } from '../local-hub.ts'
import { openRawAmqpDevice, sayAndLeave, sayUntilHungUpOn } from '../testing/raw-amqp-device.ts'
import type { RawAmqpDevice } from '../testing/raw-amqp-device.ts'

const bugs: unknown[] = []
let hub: LocalHub
let genuine: RawAmqpDevice
/** What a device says from its first byte on. */
let recorded: Buffer

beforeAll(async () => {
  hub = await LocalHub.start({ onBug: (error) => bugs.push(error) })
  genuine = await openRawAmqpDevice(hub, 'witness')
  const victim = await openRawAmqpDevice(hub, 'pump')
  await victim.sendTelemetry()
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

function mutated(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes)
  const at = () => Math.floor(random() * copy.length)
  for (let count = Math.ceil(random() * 4); count > 0; count -= 1) {
    if (random() < 0.7) copy[at()] = Math.floor(random() * 256)
    else copy.copyWithin(at(), at(), at())
  }
  return random() < 0.2 ? copy.subarray(0, at()) : copy
}

/** The frames after the header of the protocol. */
function framesOf(bytes: Buffer): readonly Buffer[] {
  const frames: Buffer[] = []
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at)) {
    frames.push(bytes.subarray(at, at + bytes.readUInt32BE(at)))
  }
  return frames
}

async function stillServes(): Promise<void> {
  await genuine.sendTelemetry()
  expect(bugs).toEqual([])
}

describe('a hostile client over AMQP', { timeout: rounds(30_000, 600_000) }, () => {
  test('that sends anything at all does not disturb the others', async () => {
    const random = seededRandom(1)
    for (let round = 0; round < rounds(50, 2000); round += 1) {
      const bytes = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)))
      const begin = Buffer.from('AMQP\0\x01\0\0', 'latin1')
      await sayAndLeave(hub, round % 2 === 0 ? bytes : Buffer.concat([begin, bytes]))
    }
    await stillServes()
  })

  test('that sends what a device sends, with some bytes wrong, does not disturb the others', async () => {
    const random = seededRandom(2)
    for (let round = 0; round < rounds(150, 8000); round += 1)
      await sayAndLeave(hub, mutated(recorded, random))
    await stillServes()
  })

  test('that claims to settle four billion deliveries is hung up on', async () => {
    // The performative 0x15: from a receiver, first 0, last 0xffffffff, settled.
    const disposition = Buffer.from('00000016020000000053' + '15c0090441' + '4370ffffffff41', 'hex')
    await sayUntilHungUpOn(hub, Buffer.concat([recorded, disposition]))
    await stillServes()
  })

  test('that sends AMQP before SASL is done is hung up on, not waited for', async () => {
    const sasl = Buffer.from('414d5150030100000000001902010000005341c00c01a309414e4f4e594d4f5553', 'hex')
    await sayUntilHungUpOn(hub, Buffer.concat([sasl, recorded]))
    await stillServes()
  })

  test('that ends a link and takes up its name at once is hung up on', async () => {
    const attach = framesOf(recorded).find((frame) => frame.includes('/messages/events'))
    if (!attach) throw new Error('The device has sent telemetry.')
    // The performative 0x16: handle 2, closed.
    const detach = Buffer.from('00000010020000000053' + '16c003025202' + '41', 'hex')
    detach.writeUInt32BE(detach.length)
    await sayUntilHungUpOn(hub, Buffer.concat([recorded, detach, attach]))
    await stillServes()
  })
})

/** Each is a client that has said who it is, and then does what no SDK does. */
const attacks: readonly [string, (client: RawAmqpDevice) => void][] = [
  [
    'never ends a message',
    // Within the limits of a frame, beyond those of a message.
    ({ telemetry }) => void telemetry.send({ body: 'x'.repeat(2 * 1024 * 1024) }),
  ],
  [
    'sends an array of four billion nothings',
    ({ telemetry }) => {
      const bomb = Buffer.from('005377f000000005ffffffff40', 'hex')
      telemetry.send(bomb, undefined, 0)
    },
  ],
  [
    'sends without credit',
    ({ telemetry }) => {
      Object.assign(telemetry, { credit: 1000 })
      for (let count = 0; count < 1000; count += 1) telemetry.send({ body: '{}' })
    },
  ],
  [
    'opens sessions without end',
    ({ connection }) => {
      for (let count = 0; count < 100; count += 1) connection.create_session().begin()
    },
  ],
  [
    'opens links without end',
    ({ connection }) => {
      for (let count = 0; count < 2100; count += 1) connection.open_sender('/nowhere')
    },
  ],
  [
    'opens links that are refused, and never lets go of them',
    ({ connection }) => {
      connection.on('sender_close', ({ sender }: EventContext) => {
        Object.assign((sender as unknown as { state: object }).state, { close: () => false })
      })
      const open = () => {
        for (let count = 0; count < 300; count += 1) connection.open_sender('/nowhere')
        if (connection.is_open()) setImmediate(open)
      }
      open()
    },
  ],
  [
    'opens a link with kilobytes to remember',
    ({ connection }) => {
      connection.open_sender({ target: { address: '$cbs' }, name: 'x'.repeat(5000) })
    },
  ],
]

describe('a client over AMQP', { timeout: 30_000 }, () => {
  test.each(attacks)('that %s is hung up on', async (_what, attack) => {
    const client = await openRawAmqpDevice(hub, 'pump')
    const gone = once(client.connection, 'disconnected')
    attack(client)
    await gone
    await stillServes()
  })

  test.each([
    ['takes frames of 20 bytes', { max_frame_size: 20 }],
    ['wants to hear from the hub each millisecond', { idle_time_out: 1 }],
  ])('that says it %s is hung up on', async (_what, options) => {
    await expect(openRawAmqpDevice(hub, 'pump', options)).rejects.toThrow('hung up')
    await stillServes()
  })

  test('that takes back more credit than it gave does not stop the hub', async () => {
    const client = await openRawAmqpDevice(hub, 'pump')
    // The hub has sent an answer on this link; the client claims to have none, and no room either.
    Object.assign(client.answers, { delivery_count: 0, credit: 0 })
    client.answers.drain_credit()
    await client.sendTelemetry()
    client.connection.close()
    await stillServes()
  })
})
