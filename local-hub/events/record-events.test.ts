import { describe, expect, test } from 'vitest'
import { toJsonObject } from '../hub/json.ts'
import { addDevice, connectFake, newHub } from '../testing/new-hub.ts'
import type { LoggedEvent } from './hub-event.ts'
import { recordEvents } from './record-events.ts'

function scene() {
  const hub = newHub()
  recordEvents(hub, 'demo')
  const all = () =>
    hub.events.partitions.flatMap((partition) => {
      const { firstSequenceNumber: first, nextSequenceNumber: next } = partition
      return Array.from({ length: next - first }, (_, index) => partition.at(first + index)).filter(
        (event): event is LoggedEvent => event !== undefined,
      )
    })
  /** What was said of a device since the last time. */
  let seen = 0
  const news = () => {
    const events = all().slice(seen)
    seen += events.length
    return events.map(({ event }) => ({
      ...event,
      body: JSON.parse(Buffer.from(event.body).toString()) as Record<string, unknown>,
    }))
  }
  return { hub, news }
}

describe('the life of a device', () => {
  test('is told with its twin when it begins and when it ends', () => {
    const { hub, news } = scene()
    addDevice(hub, 'd')
    const [created] = news()
    expect(created).toMatchObject({
      source: 'deviceLifecycleEvents',
      deviceId: 'd',
      system: {
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        userId: 'demo',
        correlationId: expect.stringMatching(/./) as string,
      },
      properties: {
        hubName: 'demo',
        deviceId: 'd',
        opType: 'createDeviceIdentity',
        operationTimestamp: '2026-01-01T00:00:00.0000000Z',
        'iothub-message-schema': 'deviceLifecycleNotification',
      },
      body: { deviceId: 'd', version: 2, properties: { desired: { $version: 1 } } },
    })
    expect(created?.body).not.toHaveProperty('tags')
    hub.registry.delete('d', '*')
    expect(news()).toMatchObject([{ properties: { opType: 'deleteDeviceIdentity' } }])
  })

  test('a change of its status is no news', () => {
    const { hub, news } = scene()
    addDevice(hub, 'd')
    news()
    hub.registry.update('d', { status: 'disabled', statusReason: undefined }, '*')
    expect(news()).toEqual([])
  })

  test('of a module is told too', () => {
    const { hub, news } = scene()
    addDevice(hub, 'd')
    news()
    hub.modules.create({ deviceId: 'd', moduleId: 'm' }, { managedBy: undefined })
    expect(news()).toMatchObject([
      {
        deviceId: 'd',
        moduleId: 'm',
        properties: { opType: 'createModuleIdentity', deviceId: 'd', moduleId: 'm' },
        body: { deviceId: 'd', moduleId: 'm' },
      },
    ])
  })
})

describe('connections', () => {
  const numberOf = (event: { body: Record<string, unknown> } | undefined) =>
    String(event?.body['sequenceNumber'])

  test('are told in an order that their sequence numbers show', () => {
    const { hub, news } = scene()
    addDevice(hub, 'd')
    news()
    for (let turn = 0; turn < 12; turn += 1) {
      connectFake(hub, 'd').disconnect()
      hub.clock.advance(1)
    }
    const events = news()
    expect(events.slice(0, 2)).toMatchObject([
      { source: 'deviceConnectionStateEvents', properties: { opType: 'deviceConnected' } },
      {
        properties: {
          opType: 'deviceDisconnected',
          'iothub-message-schema': 'deviceConnectionStateNotification',
        },
      },
    ])
    const numbers = events.map(({ body }) => String(body['sequenceNumber']))
    expect(numbers).toHaveLength(24)
    expect(numbers.every((number) => /^[0-9A-F]{64}$/.test(number))).toBe(true)
    expect([...numbers].sort()).toEqual(numbers)
  })

  test('a device that is taken over stays connected, and telemetry is no news', () => {
    const { hub, news } = scene()
    addDevice(hub, 'd')
    connectFake(hub, 'd')
    news()
    connectFake(hub, 'd')
    hub.presence.noteActivity('d')
    expect(news()).toEqual([])
  })

  test('a device that is deleted while it is connected disconnects', () => {
    const { hub, news } = scene()
    addDevice(hub, 'd')
    connectFake(hub, 'd')
    const connected = news().at(-1)
    hub.registry.delete('d', '*')
    const [deleted, disconnected] = news()
    expect([deleted, disconnected].map((event) => event?.properties['opType'])).toEqual([
      'deleteDeviceIdentity',
      'deviceDisconnected',
    ])
    expect(numberOf(disconnected) > numberOf(connected)).toBe(true)
  })

  test('are told in order although the clock is set back, and of modules by the same name', () => {
    const { hub, news } = scene()
    addDevice(hub, 'd')
    hub.modules.create({ deviceId: 'd', moduleId: 'm' }, { managedBy: undefined })
    news()
    connectFake(hub, 'd')
    hub.clock.advance(-60_000)
    const link = { acceptsMethods: false, deliverMethod() {}, deliverDesired() {}, disconnect() {} }
    hub.modules.presence.attach('d/m', link)
    const [device, module] = news()
    expect(module?.properties).toMatchObject({
      opType: 'moduleConnected',
      moduleId: 'm',
      'iothub-message-schema': 'deviceConnectionStateNotification',
    })
    expect(numberOf(module) > numberOf(device)).toBe(true)
  })
})

describe('changes of a twin', () => {
  const change = (parts: Record<string, object>) =>
    Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, toJsonObject({ ...part })]))

  function twinScene() {
    const { hub, news } = scene()
    addDevice(hub, 'd')
    hub.twins.change('d', {
      change: change({ tags: { site: 'A' }, desired: { rate: { low: 1, high: 2 } } }),
      mode: 'patch',
      ifMatch: '*',
    })
    news()
    return { hub, news }
  }

  test('of the back end are told as the patch, with the metadata of what it touched', () => {
    const { hub, news } = twinScene()
    hub.clock.advance(1000)
    hub.twins.change('d', {
      change: change({ tags: { site: null }, desired: { rate: { high: 3 } } }),
      mode: 'patch',
      ifMatch: '*',
    })
    const now = '2026-01-01T00:00:01.0000000Z'
    const stamp = { $lastUpdated: now, $lastUpdatedVersion: 3 }
    expect(news()).toMatchObject([
      {
        source: 'twinChangeEvents',
        properties: { opType: 'updateTwin', 'iothub-message-schema': 'twinChangeNotification' },
        body: {
          version: 4,
          tags: { site: null },
          properties: {
            desired: {
              rate: { high: 3 },
              $version: 3,
              $metadata: { ...stamp, rate: { ...stamp, high: stamp } },
            },
          },
        },
      },
    ])
  })

  test('of the device are told as the patch of its reported properties', () => {
    const { hub, news } = twinScene()
    hub.twins.report('d', toJsonObject({ fw: { version: '2' }, gone: null }))
    const [event] = news()
    expect(event?.body).toEqual({
      version: 4,
      properties: {
        reported: {
          fw: { version: '2' },
          gone: null,
          $metadata: {
            $lastUpdated: '2026-01-01T00:00:00.0000000Z',
            fw: {
              $lastUpdated: '2026-01-01T00:00:00.0000000Z',
              version: { $lastUpdated: '2026-01-01T00:00:00.0000000Z' },
            },
          },
          $version: 2,
        },
      },
    })
  })

  test('that replace are told as the whole', () => {
    const { hub, news } = twinScene()
    hub.twins.change('d', { change: change({ desired: { mode: 'eco' } }), mode: 'replace', ifMatch: '*' })
    const [event] = news()
    expect(event).toMatchObject({
      properties: { opType: 'replaceTwin' },
      body: {
        deviceId: 'd',
        etag: expect.stringMatching(/^\S+$/) as string,
        version: 4,
        tags: { site: 'A' },
        properties: {
          desired: { mode: 'eco', $version: 3, $metadata: { mode: { $lastUpdatedVersion: 3 } } },
          reported: { $version: 1, $metadata: {} },
        },
      },
    })
    expect(JSON.stringify(event?.body)).not.toContain('rate')
  })

  test('that are refused are not told', () => {
    const { hub, news } = twinScene()
    expect(() => hub.twins.report('d', toJsonObject({ 'a.b': 1 }))).toThrow()
    expect(news()).toEqual([])
  })
})
