import { describe, expect, test } from 'vitest'
import { parseJson } from '../hub/json.ts'
import { newHub } from '../testing/new-hub.ts'
import { changeDevices } from './bulk.ts'

function scene() {
  const { registry } = newHub()
  const bulk = (items: unknown) => changeDevices(registry, parseJson(JSON.stringify(items)))
  return { registry, bulk }
}

describe('changeDevices', () => {
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
    const result = bulk([
      { id: 'a' },
      { id: 'a' },
      { id: 'bad id' },
      { id: 'b', importMode: 'update' },
      7,
      { id: 'c' },
    ])
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

  test.each(['createOrUpdate', 'updateTwin', '__proto__', 5])('refuses the mode %j by name', (importMode) => {
    const { bulk } = scene()
    expect(bulk([{ id: 'a', importMode }])).toMatchObject({
      errors: [
        { errorStatus: `The local hub does not implement the importMode ${JSON.stringify(importMode)}` },
      ],
    })
  })

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

  test.each([[[]], [Array.from({ length: 101 }, () => ({ id: 'a' }))], [{}], ['x'], [null]])(
    'refuses what is no list of 1 to 100',
    (items) => {
      expect(() => scene().bulk(items)).toThrow(/array|1 to 100/)
    },
  )
})
