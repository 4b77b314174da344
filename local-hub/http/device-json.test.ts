import { describe, expect, test } from 'vitest'
import { toJsonObject } from '../hub/json.ts'
import { newHub } from '../testing/new-hub.ts'
import { deviceJson, parseDeviceSettings } from './device-json.ts'

const parse = (body: Record<string, unknown>) => parseDeviceSettings(toJsonObject(body))

describe('parseDeviceSettings', () => {
  test.each<[Record<string, unknown>, object]>([
    [{}, { status: 'enabled', credentials: { type: 'sas', keys: {} } }],
    [
      { status: 'Disabled', statusReason: 'lost' },
      { status: 'disabled', statusReason: 'lost' },
    ],
    [
      { status: null, statusReason: null, authentication: null },
      { status: 'enabled', statusReason: undefined, credentials: { type: 'sas', keys: {} } },
    ],
  ])('%j means %j', (body, expected) => {
    expect(parse(body)).toMatchObject(expected)
  })

  test.each<[Record<string, unknown>, RegExp]>([
    [{ status: 'asleep' }, /status should be/],
    [{ status: 1 }, /status should be/],
    [{ statusReason: 'x'.repeat(129) }, /statusReason/],
    [{ authentication: 'sas' }, /authentication should be/],
    [{ capabilities: { iotEdge: true } }, /does not implement IoT Edge/],
  ])('%j is refused', (body, reason) => {
    expect(() => parse(body)).toThrow(reason)
  })
})

test('what deviceJson shows can be sent back and changes nothing', () => {
  const { registry } = newHub()
  const record = registry.create('d', parse({ status: 'disabled', statusReason: 'spare' }))
  expect(parseDeviceSettings(deviceJson(record))).toEqual({
    status: 'disabled',
    statusReason: 'spare',
    credentials: record.credentials,
  })
})
