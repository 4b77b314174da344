import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyIntegrity } from './node-binary.ts'

/** Of the text "genuine", by `printf genuine | openssl dgst -sha512 -binary | base64`. */
const integrity =
  'sha512-OzF6JpVhPHB9YlZ/+ru+LuZPAtOgb25L20nIpZCoDjxpTMiAqQ+xKvmoiznNma6an+bj+xI3g1t0qG9pAxsSjA=='

let file = ''
beforeAll(() => {
  file = path.join(mkdtempSync(path.join(os.tmpdir(), 'drover-integrity-')), 'node.tgz')
})
afterAll(() => rmSync(path.dirname(file), { recursive: true }))

test('what has the SHA-512 of the lock file is taken', async () => {
  writeFileSync(file, 'genuine')
  await verifyIntegrity(file, integrity)
  expect(existsSync(file)).toBe(true)
})

test('what has another one is named, and not kept for the next time', async () => {
  writeFileSync(file, 'Genuine')
  await expect(verifyIntegrity(file, integrity)).rejects.toThrow('node.tgz is not the file whose SHA-512')
  expect(existsSync(file)).toBe(false)
})
