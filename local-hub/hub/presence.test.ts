import { describe, expect, test } from 'vitest'
import { addDevice, connectFake, newHub } from '../testing/new-hub.ts'

function scene() {
  const hub = newHub()
  addDevice(hub, 'd')
  return { hub, state: () => hub.registry.get('d').connectionState }
}

describe('Presence', () => {
  test('connection state and activity follow the connection', () => {
    const { hub, state } = scene()
    expect(state()).toBe('Disconnected')
    const link = connectFake(hub, 'd')
    expect(state()).toBe('Connected')
    const connectedAt = hub.clock.now()
    hub.clock.advance(1000)
    link.disconnect()
    expect(hub.registry.get('d')).toMatchObject({
      connectionState: 'Disconnected',
      connectionStateUpdatedAt: hub.clock.now(),
      lastActivityAt: connectedAt,
    })
  })

  test('a newer connection ends the older, and the end of the older does not make the device disconnected', () => {
    const { hub, state } = scene()
    const older = connectFake(hub, 'd')
    const newer = connectFake(hub, 'd')
    expect([older.isDisconnected, newer.isDisconnected]).toEqual([true, false])
    hub.presence.detach('d', older)
    expect(state()).toBe('Connected')
    expect(hub.presence.link('d')).toBe(newer)
  })

  test('telemetry is activity', () => {
    const { hub } = scene()
    connectFake(hub, 'd')
    hub.clock.advance(5000)
    hub.telemetry.receive({ deviceId: 'd', body: Buffer.from('{}') })
    expect(hub.telemetry.count).toBe(1)
    expect(hub.registry.get('d').lastActivityAt).toBe(hub.clock.now())
  })

  test('waits for a device that accepts methods, and wakes all who wait', async () => {
    const { hub } = scene()
    const waiting = [hub.presence.whenAcceptsMethods('d', 1000), hub.presence.whenAcceptsMethods('d', 5000)]
    const link = connectFake(hub, 'd', false)
    link.acceptsMethods = true
    hub.presence.methodsAccepted('d')
    expect(await Promise.all(waiting)).toEqual([link, link])
    expect(hub.clock.timerCount).toBe(0)
  })

  test('waits no longer than it was told, and not at all for 0', async () => {
    const { hub } = scene()
    connectFake(hub, 'd', false)
    expect(await hub.presence.whenAcceptsMethods('d', 0)).toBeUndefined()
    const waiting = hub.presence.whenAcceptsMethods('d', 1000)
    hub.clock.advance(1000)
    expect(await waiting).toBeUndefined()
  })
})
