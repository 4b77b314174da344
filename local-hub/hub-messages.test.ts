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
    { type: 'start', options: { hostName: 'a.b', fleet: { name: 'demo' } } },
    { type: 'start', options: { hostName: 'a.b', fleet: { name: 'demo' } } },
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
])('%j is refused', (message) => {
  expect(() => parseParentMessage(message)).toThrow(TypeError)
})

test('there is a connection string for each policy', () => {
  expect(connectionStringsOf((policy) => `for ${policy}`)).toMatchObject({
    iothubowner: 'for iothubowner',
    service: 'for service',
  })
})
