import { describe, expect, test } from 'vitest'
import { findRoute } from './find-route.ts'
import { parseTarget } from './request-target.ts'
import type { Route } from './route.ts'

const route = (method: Route['method'], ...path: string[]): Route => ({
  method,
  path,
  right: 'RegistryRead',
  handle: () => ({ status: 200 }),
})
const [list, get, twin, methods] = [
  route('GET', 'devices'),
  route('GET', 'devices', ':deviceId'),
  route('GET', 'twins', ':deviceId'),
  route('POST', 'twins', ':deviceId', 'methods'),
] as const

function find(method: string, path: string) {
  return findRoute([list, get, twin, methods], method, parseTarget(`${path}?api-version=2021-04-12`))
}

describe('findRoute', () => {
  test.each([
    ['/devices/', {}],
    ['/devices', {}],
    ['/devices/d', { deviceId: 'd' }],
    ['/devices/%252f', { deviceId: '%2f' }],
    ['/devices/..', { deviceId: '..' }],
    ['/devices/a%3Fb', { deviceId: 'a?b' }],
    ["/devices/it's", { deviceId: "it's" }],
  ])('GET %s has the parameters %j', (path, params) => {
    expect(find('GET', path).params).toEqual(params)
  })

  test('tells methods apart', () => {
    expect(find('POST', '/twins/d/methods').route).toBe(methods)
    expect(() => find('PATCH', '/twins/d/methods')).toThrow(
      'The local hub does not implement PATCH /twins/d/methods',
    )
  })

  test.each(['/', '', '//', '/devices/a/b', '/devices//x', '/DEVICES/d'])(
    'GET %s is refused by name',
    (path) => {
      expect(() => find('GET', path)).toThrow(/does not implement GET/)
    },
  )

  test.each([
    ['POST', '/jobs/create', 'import and export jobs'],
    ['GET', '/jobs', 'import and export jobs'],
    ['DELETE', '/jobs/j', 'import and export jobs'],
    ['PUT', '/configurations/c', 'automatic device configurations'],
    ['POST', '/devices/d/applyConfigurationContent', 'IoT Edge deployments'],
    ['POST', '/devices/d/files', 'file upload'],
    ['GET', '/digitaltwins/d', 'digital twins'],
    ['GET', '/messages/serviceBound/feedback', 'feedback and file notifications over HTTPS'],
  ])('%s %s is refused as one of %s', (method, path, name) => {
    expect(() => find(method, path)).toThrow(`does not implement ${name}: ${method} ${path}`)
  })

  test('jobs of the second version are no import or export', () => {
    expect(() => find('PATCH', '/jobs/v2/j')).toThrow(/implement PATCH/)
  })

  test('a malformed escape is refused', () => {
    expect(() => find('GET', '/devices/%zz')).toThrow(/malformed escape/)
  })

  test.each(['', '?', '?api-version=', '?api-version=2016-02-03', '?api-version=latest'])(
    'an address with %j has no version that is known',
    (query) => {
      expect(() => findRoute([list], 'GET', parseTarget(`/devices${query}`))).toThrow(
        /api-version should be one of/,
      )
    },
  )
})
