import { describe, expect, test } from 'vitest'
import { keysOf } from './identity-secrets.ts'
import { addDevice, connectFake, newHub } from '../testing/new-hub.ts'

const settings = { status: 'enabled', statusReason: undefined } as const

describe('Registry', () => {
  test('makes a key of 32 bytes where none is given, and a new one at each update without', () => {
    const { registry } = newHub()
    const created = registry.create('d', {
      ...settings,
      credentials: { type: 'sas', keys: { primary: 'AAAA' } },
    })
    expect(keysOf(created)?.primary).toBe('AAAA')
    expect(Buffer.from(keysOf(created)?.secondary ?? '', 'base64')).toHaveLength(32)
    expect(keysOf(registry.update('d', settings, '*'))?.secondary).not.toBe(keysOf(created)?.secondary)
  })

  test.each(['', 'a b', 'a/b', 'a"b', '<b>', 'é', 'x'.repeat(129), 'a\nb'])(
    'refuses the id %j',
    (deviceId) => {
      expect(() => newHub().registry.create(deviceId, settings)).toThrow(/device id/)
    },
  )

  test.each(['%2f', "o'clock", 'x'.repeat(128), '$edge', '__proto__', 'a#b'.replace('#', '@')])(
    'accepts the id %j',
    (deviceId) => {
      const { registry } = newHub()
      registry.create(deviceId, settings)
      expect(registry.get(deviceId).deviceId).toBe(deviceId)
    },
  )

  test('devices and modules share the room of a hub, and leave it', () => {
    const { registry, modules } = newHub(0, 3)
    registry.create('a', settings)
    registry.create('b', settings)
    const module = { deviceId: 'a', moduleId: 'm' }
    modules.create(module, { managedBy: undefined })
    const refused: unknown = expect.objectContaining({
      code: 'IotHubQuotaExceeded',
      number: 403002,
      message: expect.stringContaining("Max allowed device count : '3'") as string,
    })
    expect(() => registry.create('c', settings)).toThrow(refused)
    expect(() => modules.create({ deviceId: 'b', moduleId: 'm' }, { managedBy: undefined })).toThrow(refused)
    expect(() => registry.create('a', settings)).toThrow(/already registered/)
    registry.delete('a', '*')
    registry.create('c', settings)
  })

  test('a device made anew under an old id is another generation', () => {
    const { registry } = newHub()
    const first = registry.create('d', settings)
    registry.delete('d', '*')
    expect(registry.create('d', settings).generationId).not.toBe(first.generationId)
  })

  test('update and delete respect the etag', () => {
    const { registry } = newHub()
    const { etag } = registry.create('d', settings)
    registry.update('d', settings, `"${etag}"`)
    expect(() => registry.update('d', settings, `"${etag}"`)).toThrow(/Precondition/)
    expect(() => {
      registry.delete('d', etag)
    }).toThrow(/Precondition/)
    expect(registry.list()).toHaveLength(1)
  })

  test('notes when the status changed, not when it was written again', () => {
    const hub = newHub()
    addDevice(hub, 'd')
    expect(hub.registry.update('d', settings, '*').statusUpdatedAt).toBeUndefined()
    hub.clock.advance(5)
    expect(hub.registry.update('d', { ...settings, status: 'disabled' }, '*').statusUpdatedAt).toBe(
      hub.clock.now(),
    )
  })

  test('lists at most 1000 devices and counts all', () => {
    const { registry } = newHub()
    for (let index = 0; index < 1001; index += 1) {
      registry.create(`d${index}`, { ...settings, status: index % 7 === 0 ? 'disabled' : 'enabled' })
    }
    expect(registry.list()).toHaveLength(1000)
    expect(registry.statistics()).toEqual({ total: 1001, enabled: 858, disabled: 143 })
  })

  test('disabling or deleting a device ends its connection', () => {
    const hub = newHub()
    for (const deviceId of ['a', 'b']) addDevice(hub, deviceId)
    const [a, b] = [connectFake(hub, 'a'), connectFake(hub, 'b')]
    expect(hub.registry.update('a', { ...settings, status: 'disabled' }, '*').connectionState).toBe(
      'Disconnected',
    )
    hub.registry.delete('b', '*')
    expect([a.isDisconnected, b.isDisconnected, hub.store.size]).toEqual([true, true, 1])
  })
})
