import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DeviceRow } from '../../contract/app/device.ts'
import { deviceRow, isNewer, type HubDevice } from './device-row.ts'
import { builtInDialects, recognise } from './dialects/recognise.ts'
import type { Json } from './json.ts'

const agent = {
  version: '1.0.0',
  bootId: 'b',
  firmwareVersion: '2.4.1',
  platform: 'linux',
  actions: ['reboot'],
}
const device: HubDevice = {
  deviceId: 'pump-1',
  status: 'enabled',
  connectionState: 'Connected',
  lastActivityTime: '2026-11-23T09:59:00.1234567Z',
  reported: { iothubDM: { agent } },
  tags: {},
}
const readAt = '2026-11-23T10:00:00.000Z'

const readRow = (told: HubDevice): DeviceRow | undefined =>
  deviceRow(told, { dialect: recognise(builtInDialects, told.reported), source: 'query', readAt })

function row(changes: Partial<HubDevice> = {}): DeviceRow {
  const read = readRow({ ...device, ...changes })
  if (!read) throw new Error('The row was refused.')
  return read
}

describe('a row', () => {
  test('says what the hub and the agent said', () => {
    expect(row()).toEqual({
      deviceId: 'pump-1',
      isEnabled: true,
      isConnected: true,
      lastActivityAt: device.lastActivityTime,
      firmwareVersion: '2.4.1',
      dialect: 'drover',
      source: 'query',
      readAt,
    })
  })

  test('of a device that was never active has no time', () => {
    expect(row({ lastActivityTime: '0001-01-01T00:00:00Z' })).not.toHaveProperty('lastActivityAt')
  })

  test('takes a time without a zone for UTC, as the hub means it', () => {
    expect(row({ lastActivityTime: '2026-11-23T09:59:00' }).lastActivityAt).toBe('2026-11-23T09:59:00Z')
  })

  test('of a device that reports nothing has no dialect', () => {
    expect(row({ reported: { iothubDM: null, lastReboot: null } })).not.toHaveProperty('dialect')
  })

  test('shows hostile text as it is, for the window to show as text', () => {
    expect(row({ deviceId: `<script>'"/` }).deviceId).toBe(`<script>'"/`)
  })

  test('is never broken by what a device reports', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.string(), (reported, status, connectionState) => {
        const read = readRow({ ...device, reported: reported as Json, status, connectionState })
        expect(DeviceRow.safeParse(read).success).toBe(true)
      }),
    )
  })

  test('cannot be made for an id that no hub can have', () => {
    expect(readRow({ ...device, deviceId: '' })).toBeUndefined()
  })
})

describe('two readings of one device', () => {
  const byTwin: DeviceRow = {
    ...row(),
    source: 'twin',
    isConnected: false,
    readAt: '2026-11-23T10:00:30.000Z',
  }
  const byQuery = (at: string): DeviceRow => ({ ...row(), readAt: at })
  const lag = { usualMs: 60_000, mostMs: 30 * 60_000 }
  const replaces = (shown: DeviceRow, read: DeviceRow, versions: readonly (number | undefined)[] = []) =>
    isNewer({ row: shown, version: versions[0] }, { row: read, version: versions[1] }, lag)

  test('a query right after get-twin may be older than it, and does not replace it', () => {
    expect(replaces(byTwin, byQuery('2026-11-23T10:00:40.000Z'))).toBe(false)
  })

  test('a query after the lag is newer', () => {
    expect(replaces(byTwin, byQuery('2026-11-23T10:01:30.000Z'))).toBe(true)
  })

  test('get-twin replaces a query at once', () => {
    expect(replaces(byQuery('2026-11-23T10:00:29.000Z'), byTwin, [7, 7])).toBe(true)
  })

  test('a query that tells an overtaken version of the twin replaces nothing, as long as queries may lag', () => {
    expect(replaces(byTwin, byQuery('2026-11-23T10:29:00.000Z'), [7, 6])).toBe(false)
    expect(replaces(byTwin, byQuery('2026-11-23T10:29:00.000Z'), [7, 7])).toBe(true)
    // Nobody can be so late: this is another twin under the same id.
    expect(replaces(byTwin, byQuery('2026-11-23T10:30:30.000Z'), [7, 2])).toBe(true)
  })
})
