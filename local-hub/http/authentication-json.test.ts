import { expect, test } from 'vitest'
import { completeCredentials } from '../hub/identity-secrets.ts'
import { toJsonObject } from '../hub/json.ts'
import { authenticationJson, parseAuthentication } from './authentication-json.ts'

const key = Buffer.alloc(16, 1).toString('base64')
const sha1 = 'a'.repeat(40)
const sha256 = 'B'.repeat(64)
const empty = { symmetricKey: { primaryKey: '', secondaryKey: '' } }
const noThumbprint = { x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: '' } }

const parse = (authentication: unknown) =>
  parseAuthentication(toJsonObject({ authentication })['authentication'])

test.each<[string, unknown, object]>([
  ['nothing', undefined, { type: 'sas', keys: {} }],
  ['null', null, { type: 'sas', keys: {} }],
  ['empty keys', { type: 'sas', ...empty, ...noThumbprint }, { type: 'sas', keys: {} }],
  ['a key', { symmetricKey: { primaryKey: key } }, { type: 'sas', keys: { primary: key } }],
  [
    'a thumbprint without a type',
    { x509Thumbprint: { secondaryThumbprint: sha1 } },
    { type: 'selfSigned', thumbprints: { primary: undefined, secondary: sha1 } },
  ],
  [
    'two thumbprints',
    {
      type: 'selfSigned',
      ...empty,
      x509Thumbprint: { primaryThumbprint: sha256, secondaryThumbprint: sha1 },
    },
    { type: 'selfSigned', thumbprints: { primary: sha256, secondary: sha1 } },
  ],
  [
    'an authority',
    { type: 'certificateAuthority', ...empty, ...noThumbprint },
    { type: 'certificateAuthority' },
  ],
])('%s is understood', (_what, authentication, expected) => {
  expect(parse(authentication)).toEqual(expected)
})

test.each<[unknown, RegExp]>([
  ['sas', /authentication should be/],
  [{ type: 1 }, /type should be/],
  [{ type: 'none' }, /does not implement device authentication of the type "none"/],
  [{ symmetricKey: 'key' }, /symmetricKey should be/],
  [{ symmetricKey: { primaryKey: 'short' } }, /primary key/],
  [{ symmetricKey: { secondaryKey: 7 } }, /secondary key/],
  [{ symmetricKey: { primaryKey: Buffer.alloc(65).toString('base64') } }, /16 to 64 bytes/],
  [{ x509Thumbprint: [] }, /x509Thumbprint should be/],
  [{ type: 'selfSigned' }, /needs a thumbprint/],
  [{ type: 'selfSigned', x509Thumbprint: { primaryThumbprint: 'abc' } }, /primary thumbprint/],
  [{ type: 'selfSigned', x509Thumbprint: { secondaryThumbprint: 'g'.repeat(40) } }, /secondary thumbprint/],
  [{ type: 'selfSigned', x509Thumbprint: { primaryThumbprint: 7 } }, /primary thumbprint/],
  [
    { type: 'selfSigned', symmetricKey: { primaryKey: key }, x509Thumbprint: { primaryThumbprint: sha1 } },
    /selfSigned has no keys/,
  ],
  [{ type: 'sas', x509Thumbprint: { primaryThumbprint: sha1 } }, /sas has no thumbprints/],
  [{ type: 'certificateAuthority', symmetricKey: { secondaryKey: key } }, /certificateAuthority has no keys/],
  [
    { type: 'certificateAuthority', x509Thumbprint: { secondaryThumbprint: sha1 } },
    /certificateAuthority has no thumbprints/,
  ],
])('%j is refused', (authentication, reason) => {
  expect(() => parse(authentication)).toThrow(reason)
})

test.each([
  { type: 'sas', keys: { primary: key } },
  { type: 'selfSigned', thumbprints: { primary: sha1, secondary: undefined } },
  { type: 'certificateAuthority' },
] as const)('what is shown of $type can be sent back and changes nothing', (wanted) => {
  const credentials = completeCredentials(wanted)
  expect(parse(authenticationJson(credentials))).toEqual(credentials)
})
