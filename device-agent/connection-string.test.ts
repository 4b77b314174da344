import { expect, test } from 'vitest'
import { problemOfConnectionString } from './connection-string.ts'

const good = 'HostName=hub.example;DeviceId=pump;SharedAccessKey=c2VjcmV0PT0='

test.each([good, `${good};GatewayHostName=localhost:8883`, `${good}\n`])(
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
