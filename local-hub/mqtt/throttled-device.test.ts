import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { IConnackPacket, IPublishPacket } from 'mqtt-packet'
import { Faults } from '../faults/faults.ts'
import { createHub } from '../hub/hub.ts'
import type { Hub } from '../hub/hub.ts'
import { keysOf } from '../hub/identity-secrets.ts'
import { createLimits } from '../limits/limits.ts'
import type { Limits } from '../limits/limits.ts'
import type { Throttled } from '../limits/tier.ts'
import { close, listen } from '../listen.ts'
import { createHubCertificate } from '../security/certificates.ts'
import { newPolicies } from '../security/policies.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { addDevice } from '../testing/new-hub.ts'
import { connectPacket, openRawDevice } from '../testing/raw-device.ts'
import type { RawDevice, RawTarget } from '../testing/raw-device.ts'
import { createMqttServer } from './mqtt-server.ts'
import type { MqttServer } from './mqtt-server.ts'

const hostName = 'throttled.example'
const bugs: unknown[] = []
let clock: FakeClock
let limits: Limits
let hub: Hub
let mqtt: MqttServer
let target: RawTarget

beforeEach(async () => {
  clock = new FakeClock()
  limits = createLimits(clock, { name: 'S1', units: 1 })
  hub = createHub({ clock, queryLagMs: 0 })
  addDevice(hub, 'pump')
  const certificate = await createHubCertificate(hostName)
  const onBug = (error: unknown) => bugs.push(error)
  mqtt = createMqttServer({
    hub,
    hostName,
    policies: newPolicies(),
    limits,
    certificate,
    deviceAuthorities: [],
    faults: new Faults(),
    onBug,
  })
  await listen(mqtt.server, 0)
  target = {
    hostName,
    mqttsPort: (mqtt.server.address() as AddressInfo).port,
    caCertificate: certificate.authority,
    deviceConnectionString: (deviceId) =>
      `SharedAccessKey=${keysOf(hub.registry.get(deviceId))?.primary ?? ''}`,
  }
})

afterEach(async () => {
  mqtt.endConnections()
  await close(mqtt.server)
  expect(bugs).toEqual([])
})

/** Takes turns until the next one would be queued, or refused. */
function use(throttled: Throttled, until: 'queued' | 'refused'): void {
  try {
    for (;;) if (limits.throttles.take(throttled) > 0 && until === 'queued') return
  } catch {
    // Refused: nothing is left.
  }
}

async function connected(): Promise<RawDevice> {
  const device = await openRawDevice(target)
  device.send(connectPacket(target, 'pump'))
  expect(await device.next()).toMatchObject({ cmd: 'connack', returnCode: 0 })
  return device
}

const publish = (topic: string, payload: string, messageId = 1) =>
  ({ cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, messageId }) as const
const telemetry = (messageId: number) => publish('devices/pump/messages/events/', '{}', messageId)
const report = (id: number) =>
  publish(`$iothub/twin/PATCH/properties/reported/?$rid=${id}`, `{"n":${id}}`, id)

test('one new connection too many is refused with "server unavailable", and closed', async () => {
  use('connection', 'refused')
  const device = await openRawDevice(target)
  device.send(connectPacket(target, 'pump'))
  expect(((await device.next()) as IConnackPacket).returnCode).toBe(3)
  expect(await device.closed()).toBe(true)
  expect(hub.presence.link('pump')).toBeUndefined()
})

test('a connection that is queued is answered when its turn comes', async () => {
  use('connection', 'queued')
  const device = await openRawDevice(target)
  device.send(connectPacket(target, 'pump'))
  await expect.poll(() => limits.throttles.counts()['connection']?.delayed).toBe(2)
  expect(hub.presence.link('pump')).toBeUndefined()
  clock.advance(20)
  expect(await device.next()).toMatchObject({ cmd: 'connack', returnCode: 0 })
})

test('a device that sends too much telemetry is disconnected without an acknowledgement', async () => {
  const device = await connected()
  use('telemetry', 'refused')
  device.send(telemetry(1))
  expect(await device.closed()).toBe(true)
  expect(hub.telemetry.count).toBe(0)
})

test('telemetry that is queued is acknowledged when its turn comes, and not lost', async () => {
  const device = await connected()
  use('telemetry', 'queued')
  device.send(telemetry(1))
  device.send(telemetry(2))
  await expect.poll(() => limits.throttles.counts()['telemetry']?.delayed).toBe(3)
  expect(hub.telemetry.count).toBe(0)
  clock.advance(100)
  expect([await device.next(), await device.next()]).toMatchObject([
    { cmd: 'puback', messageId: 1 },
    { cmd: 'puback', messageId: 2 },
  ])
  expect(limits.meter.counts().byKind.telemetry).toBe(2)
})

test('a report too many is answered 429 with the documented body, and changes nothing', async () => {
  const device = await connected()
  use('twinUpdate', 'refused')
  device.send(report(7))
  const { topic, payload } = (await device.next()) as IPublishPacket
  expect(topic).toBe('$iothub/twin/res/429/?$rid=7')
  expect(JSON.parse(payload.toString())).toMatchObject({ errorCode: 429001 })
  expect(hub.registry.get('pump').twin.reported.value).toEqual({})
  expect(limits.meter.counts().total).toBe(0)
})

test('a twin request too many is answered 429', async () => {
  const device = await connected()
  use('twinRead', 'refused')
  device.send(publish('$iothub/twin/GET/?$rid=8', ''))
  expect(((await device.next()) as IPublishPacket).topic).toBe('$iothub/twin/res/429/?$rid=8')
})

test('a device beyond the quota of the day is answered 403, and its telemetry ends the connection', async () => {
  limits.meter.charge('telemetry', 400_000 * 4096)
  const device = await connected()
  device.send(report(9))
  expect(((await device.next()) as IPublishPacket).topic).toBe('$iothub/twin/res/403/?$rid=9')
  device.send(telemetry(1))
  expect(await device.closed()).toBe(true)
})

test('what waits when the device is deleted is dropped', async () => {
  const device = await connected()
  use('telemetry', 'queued')
  device.send(telemetry(1))
  await expect.poll(() => limits.throttles.counts()['telemetry']?.delayed).toBe(2)
  hub.registry.delete('pump', '*')
  clock.advance(1000)
  expect(hub.telemetry.count).toBe(0)
  expect(await device.closed()).toBe(true)
})
