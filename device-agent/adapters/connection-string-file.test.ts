import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  isReadableByOthers,
  readConnectionStringFile,
  writeConnectionStringFile,
} from './connection-string-file.ts'

const valid = 'HostName=hub.example;DeviceId=d;SharedAccessKey=c2VjcmV0'
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-connection-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('what is written is read back, and only its owner can', async () => {
  const path = join(folder, 'written')
  await writeConnectionStringFile(path, valid)
  expect(await readConnectionStringFile(path)).toBe(valid)
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('writing closes a file that everyone could read', async () => {
  const path = join(folder, 'open')
  await writeFile(path, 'old', { mode: 0o644 })
  await writeConnectionStringFile(path, valid)
  expect(await isReadableByOthers(path)).toBe(false)
})

test.skipIf(process.platform === 'win32').each([
  [0o600, false],
  [0o640, false],
  [0o644, true],
  [0o604, true],
])('a file of mode %o is readable by others: %s', async (mode, isOpen) => {
  const path = join(folder, 'mode')
  await writeFile(path, valid)
  await chmod(path, mode)
  expect(await isReadableByOthers(path)).toBe(isOpen)
})

test('what is missing in a file is named, what is there is not', async () => {
  const path = join(folder, 'partial')
  await writeFile(path, 'HostName=hub.example;SharedAccessKey=c2VjcmV0')
  const error: unknown = await readConnectionStringFile(path).catch((reason: unknown) => reason)
  expect((error as Error).message).toBe('the connection string has no DeviceId')
})
