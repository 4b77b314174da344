import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hashFile } from './file-hash.ts'

const bytes = randomBytes(2_500_000)
let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-hash-'))
  path = join(folder, 'file')
  await writeFile(path, bytes)
})
afterEach(() => rm(folder, { recursive: true }))

const sha256Of = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

test('a file that is larger than the buffer has the hash of its bytes', async () => {
  expect((await hashFile(path)).digest('hex')).toBe(sha256Of(bytes))
})

test('a beginning of any length is hashed alone, and can be gone on with', async () => {
  for (const length of [0, 1, 1024 * 1024, 1024 * 1024 + 1, bytes.length]) {
    const hash = await hashFile(path, length)
    expect(hash.copy().digest('hex')).toBe(sha256Of(bytes.subarray(0, length)))
    expect(hash.update(bytes.subarray(length)).digest('hex')).toBe(sha256Of(bytes))
  }
})

test('a file that is shorter than asked for gives what it has, and one that is not there rejects', async () => {
  expect((await hashFile(path, bytes.length + 10)).digest('hex')).toBe(sha256Of(bytes))
  await expect(hashFile(join(folder, 'none'))).rejects.toThrow('ENOENT')
})
