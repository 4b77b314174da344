import { expect, test } from 'vitest'
import { failureOf } from './connect-failure.ts'

const first = 'mqtt.js returned Failure on first connection (Not authorized): '

test.each([
  ['refused', `${first}Connection refused: Not authorized error`],
  ['refused', `${first}Connection refused: Bad username or password error`],
  ['refused', 'global.azure-devices-provisioning.net refuses this device: not enrolled'],
  ['clock', `${first}certificate is not yet valid error`],
  ['clock', `${first}certificate has expired error`],
  ['absent', `${first}getaddrinfo ENOTFOUND hub.example error`],
  // The SDK says "not authorized" of everything that keeps it from its first connection.
  ['network', `${first}connect ECONNREFUSED 127.0.0.1:1 error`],
  ['network', `${first}unable to verify the first certificate error`],
  ['network', `${first}Connection refused: Server unavailable error`],
  ['network', 'connect with mqtt: no answer within 20000 ms'],
  ['network', ''],
])('%s: %s', (failure, message) => {
  expect(failureOf(new Error(message))).toBe(failure)
})

test('what is thrown and no error has kept the agent from its hub all the same', () => {
  expect(failureOf('Connection refused: Not authorized')).toBe('refused')
  expect(failureOf(undefined)).toBe('network')
})
