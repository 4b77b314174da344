import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { assertRight, authenticateService } from './authorize.ts'
import { newPolicies, policyNames } from './policies.ts'
import type { PolicyName, Right } from './policies.ts'

const policies = newPolicies()
const now = Date.parse('2026-01-01')

function authorization(
  name: string,
  { key = policies.get(name)?.key ?? '', resource = 'hub.local', expiry = now / 1000 + 60 } = {},
): string {
  const sig = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`${resource}\n${expiry}`)
    .digest('base64')
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(sig)}&se=${expiry}&skn=${name}`
}

const authenticate = (header: string | undefined, testToken?: string) =>
  authenticateService(policies, { authorization: header, resource: 'hub.local/devices/d', now, testToken })

const unauthorized = expect.objectContaining({
  code: 'IotHubUnauthorizedAccess',
  message: 'Unauthorized',
}) as Error

describe('authenticateService', () => {
  test.each(policyNames)('knows who signed as %s', (name) => {
    expect(authenticate(authorization(name)).name).toBe(name)
  })

  test('takes the Bearer token of the tests for the owner, where there is one', () => {
    expect(authenticate('Bearer test-token', 'test-token').name).toBe('iothubowner')
    expect(authenticate(authorization('service'), 'test-token').name).toBe('service')
    for (const header of ['Bearer', 'Bearer ', 'Bearer test', 'Bearer test-token2', 'test-token']) {
      expect(() => authenticate(header, 'test-token'), header).toThrow(unauthorized)
    }
  })

  test.each([
    ['nothing', undefined],
    ['a bearer token', 'Bearer eyJ0'],
    ['an unknown policy', authorization('nobody', { key: Buffer.alloc(32).toString('base64') })],
    ['the key of another policy', authorization('service', { key: policies.get('registryRead')?.key ?? '' })],
    ['an expired token', authorization('service', { expiry: now / 1000 })],
    ['a token for another hub', authorization('service', { resource: 'other.local' })],
    ['a policy named like a property of every object', authorization('constructor', { key: '' })],
  ])('refuses %s, always with the same words', (_what, header) => {
    expect(() => authenticate(header)).toThrow(unauthorized)
  })

  test('two hubs share no key', () => {
    expect(newPolicies().get('iothubowner')?.key).not.toBe(policies.get('iothubowner')?.key)
  })
})

test.each<[PolicyName, Right, boolean]>([
  ['iothubowner', 'RegistryWrite', true],
  ['service', 'ServiceConnect', true],
  ['service', 'RegistryRead', false],
  ['registryRead', 'RegistryRead', true],
  ['registryRead', 'RegistryWrite', false],
  ['registryReadWrite', 'ServiceConnect', false],
  ['device', 'ServiceConnect', false],
  ['serviceAndRegistryRead', 'RegistryRead', true],
])('%s has the right %s: %s', (name, right, expected) => {
  const policy = authenticate(authorization(name))
  const attempt = () => {
    assertRight(policy, right)
  }
  if (expected) expect(attempt).not.toThrow()
  else expect(attempt).toThrow(new RegExp(`${name} lacks the right ${right}`))
})
