import { describe, expect, test } from 'vitest'
import { parseJson } from '../hub/json.ts'
import { newHub } from '../testing/new-hub.ts'
import { etagOfRevision } from '../hub/etag.ts'
import { changeIdentities } from './bulk.ts'

function scene() {
  const hub = newHub()
  const bulk = (items: unknown) => changeIdentities(hub, parseJson(JSON.stringify(items)))
  return { hub, registry: hub.registry, bulk }
}

describe('changeIdentities', () => {
  test('creates, updates and deletes, whatever the case of the mode', () => {
    const { registry, bulk } = scene()
    bulk([{ id: 'a', importMode: 'create' }, { id: 'b' }])
    bulk([
      { id: 'a', importMode: 'Update', status: 'disabled' },
      { id: 'b', importMode: 'DELETE' },
    ])
    expect(registry.list()).toMatchObject([{ deviceId: 'a', status: 'disabled' }])
  })

  test('applies what it can and names what it cannot', () => {
    const { registry, bulk } = scene()
    bulk([{ id: 'a' }])
    const result = bulk([{ id: 'a' }, { id: 'bad id' }, { id: 'b', importMode: 'update' }, 7, { id: 'c' }])
    expect(result).toMatchObject({
      isSuccessful: false,
      errors: [
        { deviceId: 'a', errorCode: 409001 },
        { deviceId: 'bad id', errorCode: 400004 },
        { deviceId: 'b', errorCode: 404001 },
        { deviceId: '', errorCode: 400004 },
      ],
    })
    expect(registry.list().map(({ deviceId }) => deviceId)).toEqual(['a', 'c'])
  })

  test.each(['createOrUpdate', 'createOrUpdateIfMatchETag', '__proto__', 5])(
    'refuses the mode %j by name',
    (importMode) => {
      const { bulk } = scene()
      expect(bulk([{ id: 'a', importMode }])).toMatchObject({
        errors: [
          { errorStatus: `The local hub does not implement the importMode ${JSON.stringify(importMode)}` },
        ],
      })
    },
  )

  test('IfMatchETag needs the etag of the device', () => {
    const { registry, bulk } = scene()
    bulk([{ id: 'a' }])
    expect(bulk([{ id: 'a', importMode: 'updateIfMatchETag', eTag: 'stale' }])).toMatchObject({
      errors: [{ errorCode: 412001 }],
    })
    expect(bulk([{ id: 'a', importMode: 'deleteIfMatchETag' }])).toMatchObject({
      errors: [{ errorCode: 400004 }],
    })
    expect(bulk([{ id: 'a', importMode: 'deleteIfMatchETag', eTag: registry.get('a').etag }])).toMatchObject({
      isSuccessful: true,
    })
  })

  test.each([[[]], [{}], ['x'], [null]])('refuses %j, which is no list of devices', (items) => {
    expect(() => scene().bulk(items)).toThrow(/array|at least one/)
  })

  test('refuses more than 100 with the documented number', () => {
    const { bulk, registry } = scene()
    const devices = Array.from({ length: 101 }, (_, index) => ({ id: `d${index}` }))
    expect(() => bulk(devices)).toThrow(expect.objectContaining({ status: 413, number: 413002 }))
    expect(registry.list()).toEqual([])
    expect(bulk(devices.slice(1))).toMatchObject({ isSuccessful: true })
  })

  test('refuses a device that is in it twice, both times, and a device with its module is not', () => {
    const { bulk, registry } = scene()
    const result = bulk([
      { id: 'a' },
      { id: 'b' },
      { id: 'b', moduleId: 'm' },
      { id: 'a', importMode: 'delete' },
      { id: '' },
      { id: '' },
    ])
    expect(result).toMatchObject({
      errors: [
        { deviceId: 'a', errorCode: 400011 },
        { deviceId: 'a', errorCode: 400011 },
        { deviceId: '', errorCode: 400004 },
        { deviceId: '', errorCode: 400004 },
      ],
    })
    expect(registry.list().map(({ deviceId }) => deviceId)).toEqual(['b'])
  })

  test('a device may come with tags and desired properties, or not at all', () => {
    const { hub, registry, bulk } = scene()
    const twin = { tags: { site: 'A' }, properties: { desired: { rate: 5 }, reported: { ignored: 1 } } }
    const result = bulk([
      { id: 'a', importMode: 'create', ...twin },
      { id: 'b', importMode: 'create', tags: { 'bad.name': 1 } },
      { id: 'plain' },
    ])
    expect(result).toMatchObject({ errors: [{ deviceId: 'b', errorCode: 400004 }] })
    expect(registry.get('a').twin).toMatchObject({
      ...{ tags: { site: 'A' }, desired: { value: { rate: 5 } }, reported: { value: {} } },
    })
    expect(hub.store.get('b')).toBeUndefined()
    expect(registry.get('plain').twin).toMatchObject({ revision: 1, version: 2 })
  })

  test('updateTwin merges into the twin, with IfMatchETag only into the one that was read', () => {
    const { registry, bulk } = scene()
    bulk([{ id: 'a', tags: { site: 'A', floor: 1 } }])
    const { etag, twin } = registry.get('a')
    expect(bulk([{ id: 'a', importMode: 'updateTwin', tags: { floor: null, room: 2 } }])).toEqual({
      ...{ isSuccessful: true, errors: [], warnings: [] },
    })
    expect(registry.get('a').twin.tags).toEqual({ site: 'A', room: 2 })
    const change = { id: 'a', importMode: 'updateTwinIfMatchETag', tags: { room: 3 } }
    // The etag of the device, and an old one of the twin, are none.
    for (const twinETag of [etag, etagOfRevision(twin.revision)])
      expect(bulk([{ ...change, twinETag }])).toMatchObject({ errors: [{ errorCode: 412001 }] })
    expect(bulk([change])).toMatchObject({ errors: [{ errorCode: 400004 }] })
    const twinETag = etagOfRevision(registry.get('a').twin.revision)
    expect(bulk([{ ...change, twinETag }])).toMatchObject({ isSuccessful: true })
    expect(registry.get('a').twin.tags).toEqual({ site: 'A', room: 3 })
    expect(registry.get('a').etag).toBe(etag)
  })

  test('a module is changed in the place of its device where one is named', () => {
    const { hub, registry, bulk } = scene()
    const module = { id: 'a', moduleId: 'm' }
    expect(bulk([module])).toMatchObject({ errors: [{ deviceId: 'a', moduleId: 'm', errorCode: 404001 }] })
    bulk([{ id: 'a' }, { ...module, managedBy: 'me', tags: { of: 'm' } }])
    const id = { deviceId: 'a', moduleId: 'm' }
    expect(hub.modules.get(id)).toMatchObject({ managedBy: 'me', identity: { twin: { tags: { of: 'm' } } } })
    bulk([{ ...module, importMode: 'updateTwin', properties: { desired: { rate: 1 } } }])
    expect(hub.modules.get(id).identity.twin.desired.value).toEqual({ rate: 1 })
    bulk([{ ...module, importMode: 'delete' }])
    expect([hub.modules.list('a'), registry.list()]).toMatchObject([[], [{ deviceId: 'a' }]])
    expect(registry.get('a').twin.tags).toEqual({})
    expect(bulk([{ ...module, moduleId: 7 }])).toMatchObject({ isSuccessful: false })
  })
})
