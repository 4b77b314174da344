import { expect, test } from 'vitest'
import { parseConnectionString, problemOfConnectionString } from './connection-string.ts'

const good = 'HostName=hub.example;DeviceId=pump;SharedAccessKey=c2VjcmV0PT0='

const withCertificate = 'HostName=hub.example;DeviceId=pump;x509=true'

test.each([good, `${good};GatewayHostName=localhost:8883`, `${good}\n`, withCertificate])(
  '%j has all that it needs',
  (text) => {
    expect(problemOfConnectionString(text)).toBeUndefined()
  },
)

test.each([
  ['', 'HostName, DeviceId, SharedAccessKey'],
  ['HostName=hub.example;SharedAccessKey=c2VjcmV0', 'DeviceId'],
  ['HostName=;DeviceId=pump;SharedAccessKey=c2VjcmV0', 'HostName'],
  ['HostName=hub.example;DeviceId=pump', 'SharedAccessKey'],
])('%j is told what it lacks', (text, missing) => {
  expect(problemOfConnectionString(text)).toBe(`the connection string has no ${missing}`)
})

test('the connection string of a hub is known as one', () => {
  const text = 'HostName=hub.example;SharedAccessKeyName=service;SharedAccessKey=c2VjcmV0'
  expect(problemOfConnectionString(text)).toContain('of a hub')
})

test('a problem never quotes the key', () => {
  expect(problemOfConnectionString('SharedAccessKey=c2VjcmV0')).not.toContain('c2VjcmV0')
})

test('a connection string is read to its end, with the equals signs of its key', () => {
  expect(parseConnectionString(` ${good};GatewayHostName=localhost:8883 \n`)).toEqual({
    hostName: 'hub.example',
    deviceId: 'pump',
    key: 'c2VjcmV0PT0=',
    gatewayHostName: 'localhost:8883',
  })
})

test('a device with a certificate has no key, whatever else is written', () => {
  const text = `${withCertificate};SharedAccessKey=c2VjcmV0`
  expect(parseConnectionString(text)).toEqual({ hostName: 'hub.example', deviceId: 'pump' })
})

test('a connection string that lacks a part is not read', () => {
  expect(() => parseConnectionString('HostName=hub.example;x509=true')).toThrow('has no DeviceId')
})
