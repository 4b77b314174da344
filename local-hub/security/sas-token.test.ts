import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { coversResource, isSignedBy, parseSasToken } from './sas-token.ts'
import type { SasToken } from './sas-token.ts'

const key = Buffer.alloc(32, 3).toString('base64')

function sign(sr: string, se = '1893456000', signingKey = key): string {
  const sig = createHmac('sha256', Buffer.from(signingKey, 'base64')).update(`${sr}\n${se}`).digest('base64')
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(sig)}&se=${se}`
}

function parsed(text: string): SasToken {
  const token = parseSasToken(text)
  if (!token) throw new Error('not a token')
  return token
}

describe('parseSasToken', () => {
  test('reads resource, expiry and key name', () => {
    expect(parsed(`${sign('hub.local%2Fdevices%2Fd%252f1')}&skn=device`)).toMatchObject({
      resource: 'hub.local/devices/d%2f1',
      rawResource: 'hub.local%2Fdevices%2Fd%252f1',
      expiresAt: 1893456000_000,
      keyName: 'device',
    })
  })

  test.each([
    '',
    'Bearer abc',
    'SharedAccessSignature',
    'SharedAccessSignature sr=a&se=1',
    'SharedAccessSignature sr=a&sig=YQ==',
    'SharedAccessSignature sr=a&sig=YQ==&se=soon',
    'SharedAccessSignature sr=a&sig=YQ==&se=-1',
    'SharedAccessSignature sr=%zz&sig=YQ==&se=1',
    'SharedAccessSignature sr=a&sig=%&se=1',
    'SharedAccessSignature sr=a&sig=YQ&se=1',
    'SharedAccessSignature sr=a&sig=YR==&se=1',
    'SharedAccessSignature sr=a&sig=YQ%3F%3D&se=1',
    'SharedAccessSignature sr=a&sig=Y%20Q==&se=1',
    `SharedAccessSignature sr=${'a'.repeat(5000)}&sig=YQ==&se=1`,
  ])('%j is no token', (text) => {
    expect(parseSasToken(text)).toBeUndefined()
  })
})

describe('isSignedBy', () => {
  test('accepts the right key, for a raw and for an escaped resource', () => {
    for (const sr of ['hub.local', 'hub.local%2Fdevices%2Fd'])
      expect(isSignedBy(parsed(sign(sr)), key)).toBe(true)
  })

  test('refuses another key, another resource and another expiry', () => {
    const other = Buffer.alloc(32, 4).toString('base64')
    expect(isSignedBy(parsed(sign('hub.local', '1893456000', other)), key)).toBe(false)
    expect(isSignedBy(parsed(sign('hub.local').replace('hub.local', 'hub.locaL')), key)).toBe(false)
    expect(isSignedBy(parsed(sign('hub.local').replace('1893456000', '1993456000')), key)).toBe(false)
  })

  test('refuses a signature of another length without throwing', () => {
    expect(isSignedBy(parsed('SharedAccessSignature sr=a&sig=YQ==&se=1'), key)).toBe(false)
  })

  test('the key decoded from base64 signs, not its text', () => {
    const sig = createHmac('sha256', key).update('hub\n9').digest('base64')
    expect(isSignedBy(parsed(`SharedAccessSignature sr=hub&sig=${encodeURIComponent(sig)}&se=9`), key)).toBe(
      false,
    )
  })
})

test.each([
  ['hub.local', 'hub.local/devices/d', true],
  ['HUB.local', 'hub.local/devices/d', true],
  ['hub.local/', 'hub.local/devices/d', true],
  ['hub.local%2Fdevices', 'hub.local/devices/d', true],
  ['hub.local%2Fdevices%2Fd', 'hub.local/devices/d', true],
  ['hub.local%2Fdevices%2FD', 'hub.local/devices/d', false],
  ['hub.local%2Fdevices%2Fd', 'hub.local/devices/d2', false],
  ['hub.local%2Fdevices%2Fd', 'hub.local/twins/d', false],
  ['hub.loca', 'hub.local/devices/d', false],
  ['other.local', 'hub.local', false],
])('a token for %s covers %s: %s', (sr, resource, expected) => {
  expect(coversResource(parsed(sign(sr)), resource)).toBe(expected)
})
