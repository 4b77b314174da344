import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fleetQuery, readParts, type TwinPath } from './fleet-query.ts'
import type { Json } from './json.ts'

const dm: TwinPath = ['properties', 'reported', 'iothubDM']
const site: TwinPath = ['tags', 'site']

describe('the query of the fleet', () => {
  test('asks for what the grid shows, and for each part once', () => {
    expect(fleetQuery([dm, site, dm])).toBe(
      'SELECT deviceId, version, status, connectionState, lastActivityTime, properties.reported.iothubDM AS p0, ' +
        'tags.site AS p1 FROM devices',
    )
  })

  test('does not ask for a part of a part', () => {
    expect(fleetQuery([[...dm, 'agent'], dm])).toBe(fleetQuery([dm]))
  })

  test('puts names that are no identifiers into brackets', () => {
    expect(fleetQuery([['tags', 'time-zone']])).toContain('tags.[[time-zone]] AS p0')
  })
})

describe('the parts of a row', () => {
  test('go back to where they are in the twin', () => {
    const row = { deviceId: 'a', p0: { agent: 1 }, p1: 'seoul' }
    expect(readParts([dm, site], row)).toEqual({
      properties: { reported: { iothubDM: { agent: 1 } } },
      tags: { site: 'seoul' },
    })
  })

  test('share their way', () => {
    const paths = [
      dm,
      ['properties', 'reported', 'windows', 'rebootInfo'],
      ['properties', 'reported', 'windows', 'x'],
    ]
    expect(readParts(paths, { p0: 1, p1: 2, p2: 3 })).toEqual({
      properties: { reported: { iothubDM: 1, windows: { rebootInfo: 2, x: 3 } } },
    })
  })

  test('are left out where the twin has none', () => {
    expect(readParts([dm, site], { p0: null })).toEqual({})
  })

  test('never reach a prototype', () => {
    const twin = readParts([['tags', '__proto__']], { p0: { polluted: true } })
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(JSON.stringify(twin)).toBe('{"tags":{"__proto__":{"polluted":true}}}')
  })

  test('are found again by their paths, whatever they are', () => {
    const paths = fc.uniqueArray(fc.constantFrom('a', 'b', 'time-zone', 'c'), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(paths, fc.array(fc.integer(), { minLength: 4, maxLength: 4 }), (keys, values) => {
        const asked = keys.map((key) => ['tags', key])
        const row = Object.fromEntries(keys.map((_, index) => [`p${index}`, values[index]]))
        const { tags } = readParts(asked, row) as { tags: Record<string, Json> }
        expect(keys.map((key) => tags[key])).toEqual(values.slice(0, keys.length))
      }),
    )
  })
})
