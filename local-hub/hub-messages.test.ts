import { expect, test } from 'vitest'
import { connectionStringsOf, parseParentMessage } from './hub-messages.ts'

test.each([
  [{ type: 'stop' }, { type: 'stop' }],
  [{ type: 'start' }, { type: 'start', options: {} }],
  [
    { type: 'start', options: { httpsPort: 0, mqttsPort: 8883, queryLagMs: 5, other: 1 } },
    { type: 'start', options: { httpsPort: 0, mqttsPort: 8883, queryLagMs: 5 } },
  ],
  [
    { type: 'start', options: { dataFolder: 'd', fleet: { scenarioFile: 's.json' } } },
    { type: 'start', options: { dataFolder: 'd', fleet: { scenarioFile: 's.json' } } },
  ],
  [
    { type: 'start', options: { deviceAuthorities: ['a', 'b'], deviceCaFile: 'f', testToken: 't' } },
    { type: 'start', options: { deviceAuthorities: ['a', 'b'], deviceCaFile: 'f', testToken: 't' } },
  ],
  [
    { type: 'start', options: { fleet: { count: 5 } } },
    { type: 'start', options: { fleet: { count: 5, mix: { agent: 100 } } } },
  ],
  [
    { type: 'start', options: { fleet: { count: 5, mix: { java: 0.5 } } } },
    { type: 'start', options: { fleet: { count: 5, mix: { java: 0.5 } } } },
  ],
  [
    { type: 'start', options: { hostName: 'a.b', fleet: { name: 'demo' } } },
    { type: 'start', options: { hostName: 'a.b', fleet: { name: 'demo' } } },
  ],
  [
    { type: 'start', options: { tier: { name: 'S1', other: 1 } } },
    { type: 'start', options: { tier: { name: 'S1', units: 1 } } },
  ],
  [
    { type: 'start', options: { tier: { name: 'S3', units: 10, burstSeconds: 0.5 } } },
    { type: 'start', options: { tier: { name: 'S3', units: 10, burstSeconds: 0.5 } } },
  ],
  [
    { type: 'start', options: { faultsFile: 'f.json', faults: { rules: [] } } },
    { type: 'start', options: { faultsFile: 'f.json', faults: { rules: [] } } },
  ],
])('%j is understood', (message, expected) => {
  expect(parseParentMessage(message)).toEqual(expected)
})

test.each([
  null,
  undefined,
  'start',
  7,
  {},
  { type: 'go' },
  { type: 'start', options: 1 },
  { type: 'start', options: { httpsPort: '1' } },
  { type: 'start', options: { mqttsPort: 1.5 } },
  { type: 'start', options: { hostName: 1 } },
  { type: 'start', options: { fleet: 'demo' } },
  { type: 'start', options: { fleet: { name: 'x' } } },
  { type: 'start', options: { fleet: { count: 0 } } },
  { type: 'start', options: { fleet: { count: 1e9 } } },
  { type: 'start', options: { fleet: { count: 5, mix: { latin: 1 } } } },
  { type: 'start', options: { fleet: { count: 5, mix: { agent: '1' } } } },
  { type: 'start', options: { fleet: { count: 5, mix: {} } } },
  { type: 'start', options: { fleet: { scenarioFile: 7 } } },
  { type: 'start', options: { dataFolder: 7 } },
  { type: 'start', options: { deviceAuthorities: 'pem' } },
  { type: 'start', options: { deviceAuthorities: [7] } },
  { type: 'start', options: { testToken: 7 } },
  { type: 'start', options: { tier: 'S1' } },
  { type: 'start', options: { faultsFile: 1 } },
  { type: 'start', options: { faults: 'f.json' } },
  { type: 'start', options: { tier: { name: 1 } } },
  { type: 'start', options: { tier: { name: 'S1', burstSeconds: '1' } } },
  { type: 'start', options: { tier: { name: 'S1', units: '1' } } },
])('%j is refused', (message) => {
  expect(() => parseParentMessage(message)).toThrow(TypeError)
})

test('there is a connection string for each policy', () => {
  expect(connectionStringsOf((policy) => `for ${policy}`)).toMatchObject({
    iothubowner: 'for iothubowner',
    service: 'for service',
  })
})

test('a tier that nobody can buy is refused', () => {
  expect(() => parseParentMessage({ type: 'start', options: { tier: { name: 'S9' } } })).toThrow(RangeError)
})
