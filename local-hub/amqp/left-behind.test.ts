import { queryObjects } from 'node:v8'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { seededRandom } from '../fleet/seeded-random.ts'
import { LocalHub } from '../local-hub.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { openRawAmqpDevice, sayAndLeave } from '../testing/raw-amqp-device.ts'
import { AmqpConnection } from './amqp-connection.ts'
import { AmqpDevice } from './amqp-device.ts'
import { AmqpStream } from './amqp-stream.ts'
import { OutgoingLink } from './outgoing-link.ts'
import { PeerUsage } from './peer-usage.ts'

let clock: FakeClock
let hub: LocalHub

beforeEach(async () => {
  clock = new FakeClock()
  hub = await LocalHub.start({ clock })
  for (const level of ['error', 'warn'] as const) vi.spyOn(console, level).mockReturnValue()
})

afterEach(async () => {
  vi.restoreAllMocks()
  await hub.stop()
})

/** What the process has after what nobody can reach is collected; a timer of rhea would hold its connection. */
function counts(): Record<string, number> {
  const classes = [AmqpConnection, AmqpStream, AmqpDevice, OutgoingLink, PeerUsage]
  return {
    ...Object.fromEntries(classes.map((one) => [one.name, queryObjects(one, { format: 'count' })])),
    timers: clock.timerCount,
  }
}

test('a client leaves nothing behind, however it goes', { timeout: 60_000 }, async () => {
  const witness = await openRawAmqpDevice(hub, 'witness')
  const recorder = await openRawAmqpDevice(hub, 'recorder')
  const recorded = recorder.bytes()
  await recorder.close()
  await expect.poll(() => counts()['AmqpConnection'], { timeout: 10_000 }).toBe(1)
  const before = counts()
  expect(before).toMatchObject({ AmqpConnection: 1, AmqpStream: 1, AmqpDevice: 1, PeerUsage: 1 })

  const random = seededRandom(3)
  for (let round = 0; round < 50; round += 1) {
    const copy = Buffer.from(recorded)
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256)
    await sayAndLeave(hub, copy)
  }
  for (const leave of ['close', 'abort'] as const) {
    const client = await openRawAmqpDevice(hub, 'pump')
    await client.sendTelemetry()
    await client[leave]()
  }
  await expect.poll(counts, { timeout: 10_000 }).toEqual(before)
  await witness.close()
})

test('a client that puts a token again and again has two timers', async () => {
  const client = await openRawAmqpDevice(hub, 'pump')
  for (let count = 0; count < 50; count += 1) await client.putToken()
  expect(clock.timerCount).toBe(2)
  await client.close()
  await expect.poll(() => clock.timerCount).toBe(0)
})
