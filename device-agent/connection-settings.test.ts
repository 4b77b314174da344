import { describe, expect, test } from 'vitest'
import { problemsOfConnection, toConnectionOptions } from './connection-settings.ts'
import type { Settings } from './setting-values.ts'

const certificate = { certificate: '/device.pem', 'certificate-key': '/device.key' }
const files = { certificateFile: '/device.pem', privateKeyFile: '/device.key' }
const scope = { 'dps-id-scope': '0ne00123', 'dps-registration-id': 'pump' }
const enrolment = {
  host: 'global.azure-devices-provisioning.net',
  idScope: '0ne00123',
  registrationId: 'pump',
}

describe('the settings of a connection', () => {
  test.each<[string, Settings, object]>([
    ['nothing at all', {}, { kind: 'connection-string' }],
    ['a certificate alone', certificate, { kind: 'connection-string', certificate: files }],
    [
      'a hub and a certificate',
      { hub: 'h', 'device-id': 'd', ...certificate },
      { kind: 'certificate', hostName: 'h', deviceId: 'd', certificate: files },
    ],
    [
      'a scope alone',
      scope,
      { kind: 'provisioned', enrolment, proof: { keyFile: '/etc/drover-agent/dps-key' } },
    ],
    [
      'a scope and a key',
      { ...scope, 'dps-key-file': '/k', 'dps-host': 'dps.cn' },
      { kind: 'provisioned', enrolment: { ...enrolment, host: 'dps.cn' }, proof: { keyFile: '/k' } },
    ],
    [
      'a scope and a certificate',
      { ...scope, ...certificate },
      { kind: 'provisioned', enrolment, proof: files },
    ],
  ])('%s is a plan', (_, settings, plan) => {
    expect(problemsOfConnection(settings)).toEqual([])
    expect(toConnectionOptions(settings).identity).toEqual(plan)
  })

  test('leave the way open, and name one that is wanted', () => {
    expect(toConnectionOptions({}).allowed).toEqual(['mqtt', 'mqtt-websocket'])
    expect(toConnectionOptions({ transport: 'auto' }).allowed).toEqual(['mqtt', 'mqtt-websocket'])
    expect(toConnectionOptions({ transport: 'mqtt' }).allowed).toEqual(['mqtt'])
    expect(toConnectionOptions({ transport: 'mqtt-websocket' }).allowed).toEqual(['mqtt-websocket'])
  })

  test('are taken over in their own units', () => {
    const settings = {
      'connect-spread': '2.5',
      proxy: 'http://proxy:3128',
      gateway: 'edge',
      'extra-ca': '/ca',
    }
    expect(toConnectionOptions(settings)).toMatchObject({
      spreadMs: 2_500,
      proxy: new URL('http://proxy:3128'),
      gatewayHostName: 'edge',
      extraCaFile: '/ca',
    })
  })
})

describe('settings that contradict each other', () => {
  test.each<[Settings, string[]]>([
    [{ certificate: '/c' }, ['certificate needs certificate-key']],
    [{ 'certificate-key': '/k' }, ['certificate-key needs certificate']],
    [{ hub: 'h', ...certificate }, ['hub needs device-id']],
    [{ 'device-id': 'd' }, ['device-id needs hub']],
    [{ hub: 'h', 'device-id': 'd' }, ['hub needs certificate: a device with a key has a connection string']],
    [{ 'dps-id-scope': 's' }, ['dps-id-scope needs dps-registration-id']],
    [{ 'dps-registration-id': 'r' }, ['dps-registration-id means nothing without dps-id-scope']],
    [{ 'dps-key-file': '/k' }, ['dps-key-file means nothing without dps-id-scope']],
    [{ 'dps-host': 'h' }, ['dps-host means nothing without dps-id-scope']],
    [
      { ...scope, ...certificate, 'dps-key-file': '/k' },
      ['dps-key-file says too much beside certificate: a device proves itself in one way'],
    ],
    [
      { ...scope, ...certificate, hub: 'h', 'device-id': 'd' },
      [
        'hub says too much beside dps-id-scope: the provisioning service names the hub',
        'device-id says too much beside dps-id-scope: the provisioning service names the hub',
      ],
    ],
  ])('%j are each named', (settings, problems) => {
    expect(problemsOfConnection(settings).map(({ problem }) => problem)).toEqual(problems)
    for (const { name } of problemsOfConnection(settings)) expect(settings).toHaveProperty(name)
  })
})
