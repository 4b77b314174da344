import { beforeEach, describe, expect, test } from 'vitest'
import { keysOf } from '../hub/identity-secrets.ts'
import type { NewCredentials } from '../hub/identity-secrets.ts'
import { newHub } from '../testing/new-hub.ts'
import { sas } from '../testing/raw-device.ts'
import type { ClientCertificate } from './client-certificate.ts'
import { authenticateDeviceCertificate, authenticateDeviceToken } from './device-access.ts'
import { newPolicies } from './policies.ts'

const hostName = 'hub.local'
const policies = newPolicies()
const device = { deviceId: 'd', moduleId: undefined }
const module = { deviceId: 'd', moduleId: 'm' }
let hub: ReturnType<typeof newHub>

beforeEach(() => {
  hub = newHub()
  create('d')
  create('other')
  hub.modules.create(module, { managedBy: undefined })
})

function create(deviceId: string, credentials?: NewCredentials): void {
  const settings = { status: 'enabled', statusReason: undefined } as const
  hub.registry.create(deviceId, credentials ? { ...settings, credentials } : settings)
}

const disable = () => hub.registry.update('d', { status: 'disabled', statusReason: undefined }, '*')
const keyOf = (deviceId: string) => keysOf(hub.registry.get(deviceId))?.primary ?? ''
const moduleKey = () => keysOf(hub.modules.get(module).identity)?.secondary ?? ''
const inAMinute = () => hub.clock.now() + 60_000
const admit = (identity: { deviceId: string; moduleId: string | undefined }, token: string) =>
  authenticateDeviceToken({ hub, hostName, policies }, identity, token)

describe('authenticateDeviceToken', () => {
  test('lets a device in until its token expires', () => {
    expect(admit(device, sas(`${hostName}/devices/d`, keyOf('d'), inAMinute()))).toBe(inAMinute())
  })

  test('lets a module in with a key of its own, and not with one of its device', () => {
    const resource = `${hostName}/devices/d/modules/m`
    expect(admit(module, sas(resource, moduleKey(), inAMinute()))).toBe(inAMinute())
    expect(admit(module, sas(resource, keyOf('d'), inAMinute()))).toBeUndefined()
    expect(admit(device, sas(resource, moduleKey(), inAMinute()))).toBeUndefined()
    expect(admit(device, sas(`${hostName}/devices/d`, moduleKey(), inAMinute()))).toBeUndefined()
  })

  test.each<[string, () => string]>([
    ['nothing', () => ''],
    ['the key of another device', () => sas(`${hostName}/devices/d`, keyOf('other'), inAMinute())],
    ['the token of another device', () => sas(`${hostName}/devices/other`, keyOf('other'), inAMinute())],
    ['a token that is expired', () => sas(`${hostName}/devices/d`, keyOf('d'), hub.clock.now())],
    ['a token for another hub', () => sas(`other.local/devices/d`, keyOf('d'), inAMinute())],
    ['a token for a device with a longer name', () => sas(`${hostName}/devices/d2`, keyOf('d'), inAMinute())],
    ['the test token of the service side', () => 'Bearer test-token'],
  ])('refuses %s', (_what, token) => {
    expect(admit(device, token())).toBeUndefined()
  })

  test('refuses an unknown device, an unknown module, and what is disabled', () => {
    const owner = policies.get('iothubowner')?.key ?? ''
    const token = () => `${sas(hostName, owner, inAMinute())}&skn=iothubowner`
    expect(admit({ ...device, deviceId: 'nobody' }, token())).toBeUndefined()
    expect(admit({ ...module, moduleId: 'nothing' }, token())).toBeUndefined()
    expect([admit(device, token()), admit(module, token())]).toEqual([inAMinute(), inAMinute()])
    disable()
    expect([admit(device, token()), admit(module, token())]).toEqual([undefined, undefined])
  })

  test('refuses an empty key for a device that has a certificate', () => {
    create('x', { type: 'certificateAuthority' })
    expect(admit({ ...device, deviceId: 'x' }, sas(`${hostName}/devices/x`, '', inAMinute()))).toBeUndefined()
  })
})

type Case = [
  what: string,
  credentials: NewCredentials,
  different: Partial<ClientCertificate>,
  expected: boolean,
]

describe('authenticateDeviceCertificate', () => {
  const thumbprint = 'AB'.repeat(20)
  const certificate: ClientCertificate = {
    thumbprints: [thumbprint],
    commonName: 'x',
    validFrom: 0,
    validTo: Date.parse('2040-01-01'),
    isTrusted: true,
  }
  const byThumbprint = {
    type: 'selfSigned',
    thumbprints: { primary: undefined, secondary: thumbprint },
  } as const
  const byAuthority = { type: 'certificateAuthority' } as const
  const sasKeys = { type: 'sas', keys: {} } as const

  test.each<Case>([
    ['its thumbprint, whoever signed it', byThumbprint, { isTrusted: false, commonName: undefined }, true],
    ['another thumbprint', byThumbprint, { thumbprints: ['CD'.repeat(20)] }, false],
    ['its thumbprint, expired', byThumbprint, { validTo: 1 }, false],
    ['its thumbprint, not valid yet', byThumbprint, { validFrom: Date.parse('2039-01-01') }, false],
    ['its name by a trusted authority', byAuthority, {}, true],
    ['its name by a stranger', byAuthority, { isTrusted: false }, false],
    ['the name of another device', byAuthority, { commonName: 'y' }, false],
    ['no name', byAuthority, { commonName: undefined }, false],
    ['its name, expired', byAuthority, { validTo: 1 }, false],
    ['a certificate, and a key in the registry', sasKeys, {}, false],
  ])('a device with %s', (...[, credentials, different, expected]) => {
    create('x', credentials)
    const identity = { deviceId: 'x', moduleId: undefined }
    const admitted = authenticateDeviceCertificate({ hub }, identity, { ...certificate, ...different })
    expect(admitted).toBe(expected)
    expect(authenticateDeviceCertificate({ hub }, identity, undefined)).toBe(false)
  })

  test('how a thumbprint is written in the registry does not matter', () => {
    create('x', {
      type: 'selfSigned',
      thumbprints: { primary: thumbprint.toLowerCase(), secondary: undefined },
    })
    expect(authenticateDeviceCertificate({ hub }, { deviceId: 'x', moduleId: undefined }, certificate)).toBe(
      true,
    )
  })
})
