import { describe, expect, test } from 'vitest'
import { addDevice, connectFake, newHub } from '../testing/new-hub.ts'
import { etagOfRevision } from './etag.ts'
import { toJsonObject } from './json.ts'
import { deviceTwinView, twinView } from './twin-view.ts'

function scene() {
  const hub = newHub()
  addDevice(hub, 'd')
  const etag = () => etagOfRevision(hub.registry.get('d').twin.revision)
  return { hub, etag }
}

const tags = (value: Record<string, unknown>) => ({ tags: toJsonObject(value) })
const desired = (value: Record<string, unknown>) => ({ desired: toJsonObject(value) })

describe('Twins.change', () => {
  test('refuses an etag that is not the present one and changes nothing', () => {
    const { hub, etag } = scene()
    const stale = etag()
    hub.twins.change('d', { change: tags({ a: 1 }), mode: 'patch', ifMatch: `"${stale}"` })
    const attempt = () => hub.twins.change('d', { change: tags({ a: 2 }), mode: 'patch', ifMatch: stale })
    expect(attempt).toThrow(expect.objectContaining({ code: 'PreconditionFailed', status: 412 }) as Error)
    expect(hub.registry.get('d').twin.tags).toEqual({ a: 1 })
  })

  test('a report of the device does not change the etag, because it conflicts with nobody', () => {
    const { hub, etag } = scene()
    const before = etag()
    hub.twins.report('d', toJsonObject({ a: 1 }))
    expect(etag()).toBe(before)
    expect(hub.registry.get('d').twin.version).toBe(3)
  })

  test('changes tags and desired properties together or not at all', () => {
    const { hub } = scene()
    const change = { ...tags({ a: 1 }), ...desired({ 'bad.key': 1 }) }
    expect(() => hub.twins.change('d', { change, mode: 'patch', ifMatch: '*' })).toThrow()
    expect(hub.registry.get('d').twin.tags).toEqual({})
  })

  test('replace leaves only what is given, and tells the device what went away', () => {
    const { hub } = scene()
    hub.twins.change('d', {
      change: { ...tags({ a: 1 }), ...desired({ x: 1, y: 1 }) },
      mode: 'patch',
      ifMatch: '*',
    })
    const link = connectFake(hub, 'd')
    hub.twins.change('d', {
      change: { ...tags({ b: 2 }), ...desired({ y: 2 }) },
      mode: 'replace',
      ifMatch: '*',
    })
    const { twin } = hub.registry.get('d')
    expect([twin.tags, twin.desired.value]).toEqual([{ b: 2 }, { y: 2 }])
    expect(link.desired).toEqual([{ patch: { x: null, y: 2 }, version: 3 }])
  })

  test('a patch of desired properties reaches the connected device as it is, nulls included', () => {
    const { hub } = scene()
    const link = connectFake(hub, 'd')
    hub.twins.change('d', { change: desired({ a: { b: 1 }, c: null }), mode: 'patch', ifMatch: '*' })
    hub.twins.change('d', { change: tags({ a: 1 }), mode: 'patch', ifMatch: '*' })
    expect(link.desired).toEqual([{ patch: { a: { b: 1 }, c: null }, version: 2 }])
  })

  test('an unknown device is not found', () => {
    const { hub } = scene()
    expect(() => hub.twins.change('x', { change: {}, mode: 'patch', ifMatch: '*' })).toThrow(/not registered/)
    expect(() => hub.twins.report('x', {})).toThrow(/not registered/)
  })

  test('many small patches cannot grow a section over its limit', () => {
    const { hub } = scene()
    const grow = () => {
      for (let index = 0; index < 20; index += 1)
        hub.twins.report('d', toJsonObject({ [`k${index}`]: 'x'.repeat(4000) }))
    }
    expect(grow).toThrow(/reported/)
    expect(Object.keys(hub.registry.get('d').twin.reported.value)).toHaveLength(8)
  })
})

describe('views of a twin', () => {
  test('REST shows metadata and versions, the device only versions', () => {
    const { hub } = scene()
    hub.twins.change('d', {
      change: { ...tags({ t: 1 }), ...desired({ a: 1 }) },
      mode: 'patch',
      ifMatch: '*',
    })
    const record = hub.registry.get('d')
    expect(twinView(record)).toMatchObject({
      deviceId: 'd',
      etag: 'AAAAAAAAAAI=',
      lastActivityTime: '0001-01-01T00:00:00Z',
      tags: { t: 1 },
      properties: {
        desired: { a: 1, $version: 2, $metadata: { a: { $lastUpdatedVersion: 2 } } },
        reported: { $version: 1 },
      },
    })
    expect(deviceTwinView(record)).toEqual({ desired: { a: 1, $version: 2 }, reported: { $version: 1 } })
  })
})
