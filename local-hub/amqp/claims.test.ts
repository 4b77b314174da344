import { expect, test } from 'vitest'
import { keysOf } from '../hub/identity-secrets.ts'
import { newPolicies } from '../security/policies.ts'
import { addDevice, newHub } from '../testing/new-hub.ts'
import { sas } from '../testing/raw-device.ts'
import { Claims } from './claims.ts'

const hostName = 'hub.local'

function scene() {
  const hub = newHub()
  const policies = newPolicies()
  const claims = new Claims({ hub, hostName, policies, testToken: undefined, certificate: undefined })
  return {
    hub,
    claims,
    /** Puts a token of the device that is good for so many seconds. */
    put: (deviceId: string, seconds = 60) => {
      const resource = `${hostName}/devices/${deviceId}`
      const key = keysOf(hub.registry.get(deviceId))?.primary ?? ''
      claims.put(resource, sas(resource, key, hub.clock.now() + seconds * 1000))
    },
    mayBe: (deviceId: string) => () => claims.assertDevice({ deviceId, moduleId: undefined }),
  }
}

test('a connection is each device whose token it has put, and no other', () => {
  const { hub, claims, put, mayBe } = scene()
  for (const deviceId of ['a', 'b', 'c']) addDevice(hub, deviceId)
  expect(claims.isAnonymous).toBe(true)
  put('a')
  put('b')
  expect([claims.isAnonymous, mayBe('a')(), mayBe('b')()]).toEqual([false, 'sas', 'sas'])
  expect(mayBe('c')).toThrow('Unauthorized')
})

test('a token is judged anew for each link: it expires, and is forgotten then', () => {
  const { hub, claims, put, mayBe } = scene()
  addDevice(hub, 'a')
  put('a', 60)
  expect(claims.forgetExpired()).toBe(hub.clock.now() + 60_000)
  hub.clock.advance(60_000)
  expect(mayBe('a')).toThrow('Unauthorized')
  expect([claims.forgetExpired(), claims.isAnonymous]).toEqual([Infinity, true])
})

test('a connection has room for a thousand tokens; a newer one for the same device needs no room', () => {
  const { hub, put, mayBe } = scene()
  for (let index = 0; index <= 1000; index += 1) addDevice(hub, `d${index}`)
  for (let index = 0; index < 1000; index += 1) put(`d${index}`)
  const refused: unknown = expect.objectContaining({
    status: 500,
    message: 'The maximum number of tokens per connection (1000) has been reached.',
  })
  expect(() => {
    put('d1000')
  }).toThrow(refused)
  put('d0', 120)
  expect(mayBe('d999')()).toBe('sas')
  expect(mayBe('d1000')).toThrow('Unauthorized')
})

test('a token that is not good for anything takes no room and is nobody', () => {
  const { hub, claims } = scene()
  addDevice(hub, 'a')
  const resource = `${hostName}/devices/a`
  const wrong = sas(resource, Buffer.alloc(32).toString('base64'), hub.clock.now() + 60_000)
  for (const text of [wrong, 'hello', 'x'.repeat(20_000)]) {
    expect(() => {
      claims.put(resource, text)
    }).toThrow('Unauthorized')
  }
  expect(claims.isAnonymous).toBe(true)
})
