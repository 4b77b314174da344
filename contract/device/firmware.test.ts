import { expect, test } from 'vitest'
import {
  FirmwareManifest,
  FirmwarePayload,
  FirmwareReport,
  firmwareStatuses,
  isFinalFirmwareStatus,
  PackageAddress,
} from './firmware.ts'

const manifest = {
  format: 'drover-firmware/1',
  version: '2.4.1',
  sequence: 7,
  sha256: 'a'.repeat(64),
  size: 1024,
  hardware: ['pump-mk2'],
  expiresAt: '2026-12-01T00:00:00Z',
  module: 'ab-slots',
}

test('a manifest with all its fields is read as it is', () => {
  expect(FirmwareManifest.parse(manifest)).toEqual(manifest)
})

test.each([
  ['no hardware', { hardware: [] }],
  ['an unknown condition', { onlyOnSundays: true }],
  ['another format', { format: 'drover-firmware/2' }],
  ['a size of nothing', { size: 0 }],
  ['half a byte', { size: 1.5 }],
  ['a negative sequence', { sequence: -1 }],
  ['an upper-case hash', { sha256: 'A'.repeat(64) }],
  ['a module outside its folder', { module: '../evil' }],
  ['a version with a line break', { version: '1\n2' }],
  ['an address without TLS', { packageUri: 'http://firmware.example/a.bin' }],
  ['an expiry without a time zone', { expiresAt: '2026-12-01T00:00:00' }],
])('a manifest with %s is refused', (_what, change) => {
  expect(FirmwareManifest.safeParse({ ...manifest, ...change }).success).toBe(false)
})

test('a package address is https and names no user', () => {
  const isAddress = (text: string) => PackageAddress.safeParse(text).success
  expect(isAddress('https://firmware.example/a.bin?sig=abc%3D')).toBe(true)
  expect(isAddress('https://firmware.example/a@2.bin')).toBe(true)
  expect(isAddress('http://firmware.example/a.bin')).toBe(false)
  expect(isAddress('file:///etc/passwd')).toBe(false)
  expect(isAddress('https://user:secret@firmware.example/a.bin')).toBe(false)
  expect(isAddress(`https://firmware.example/${'a'.repeat(2048)}`)).toBe(false)
})

test('a payload needs an id, a limit in time and an address, and a signature looks like one', () => {
  const payload = { actionId: 'a1', notAfter: '2026-12-01T00:00:00Z', fwPackageUri: 'https://f.example/a' }
  expect(FirmwarePayload.safeParse(payload).success).toBe(true)
  expect(FirmwarePayload.safeParse({ ...payload, signature: 'AAAA' }).success).toBe(false)
  expect(FirmwarePayload.safeParse({ ...payload, signature: `${'A'.repeat(86)}==` }).success).toBe(true)
  expect(FirmwarePayload.safeParse({ ...payload, actionId: undefined }).success).toBe(false)
})

test('five of the status words end an update', () => {
  expect(firmwareStatuses.filter(isFinalFirmwareStatus)).toEqual([
    'applyComplete',
    'downloadFailed',
    'applyFailed',
    'rolledBack',
    'cancelled',
  ])
})

test('a report with an endless message is read, and cut', () => {
  const report = FirmwareReport.parse({
    actionId: 'a1',
    status: 'applyFailed',
    error: { code: 'install-failed', message: 'x'.repeat(5000) },
    progress: null,
  })
  expect(report.error?.message).toHaveLength(512)
  expect(report.progress).toBeUndefined()
})
