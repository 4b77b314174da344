import { expect, test } from 'vitest'
import { sas } from '../testing/raw-device.ts'
import { authenticateService } from './authorize.ts'
import { newPolicies } from './policies.ts'
import { VerifiedTokens } from './verified-tokens.ts'

const policies = newPolicies()
const key = policies.get('service')?.key ?? ''
const endsAt = Date.parse('2026-01-01T01:00:00Z')
const verified = new VerifiedTokens()

const tokenFor = (resource: string, signingKey = key) => `${sas(resource, signingKey, endsAt)}&skn=service`
const ask = (authorization: string, resource: string, now = endsAt - 1) =>
  authenticateService(policies, { authorization, resource, now, testToken: undefined, verified })

test('a token that is known is still for its own resource, and ends in time', () => {
  const token = tokenFor('hub.example/devices/a')
  expect(ask(token, 'hub.example/devices/a').name).toBe('service')
  expect(ask(token, 'hub.example/devices/a').name).toBe('service')
  expect(() => ask(token, 'hub.example/devices/b')).toThrow('Unauthorized')
  expect(() => ask(token, 'hub.example/devices/a', endsAt)).toThrow('Unauthorized')
})

test('a token that differs from a known one in one character is another one', () => {
  const token = tokenFor('hub.example')
  ask(token, 'hub.example')
  const forged = token.replace(`se=${endsAt / 1000}`, `se=${endsAt / 1000 + 1}`)
  expect(forged).not.toBe(token)
  expect(() => ask(forged, 'hub.example')).toThrow('Unauthorized')
  expect(() => ask(tokenFor('hub.example', 'AAAA'), 'hub.example')).toThrow('Unauthorized')
})

test('only good tokens are remembered, and not too many', () => {
  const tokens = new VerifiedTokens()
  const policy = policies.get('service')
  if (!policy) throw new Error('There is such a policy.')
  let verifications = 0
  const good = () => {
    verifications += 1
    return { token: {} as never, policy }
  }
  for (let round = 0; round < 3; round += 1) tokens.find('good', good)
  expect(verifications).toBe(1)
  for (let round = 0; round < 3; round += 1) expect(tokens.find('bad', () => undefined)).toBeUndefined()
  for (let index = 0; index < 256; index += 1) tokens.find(`other-${index}`, good)
  tokens.find('good', good)
  expect(verifications).toBe(258)
})
