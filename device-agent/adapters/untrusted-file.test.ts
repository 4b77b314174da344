import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openUntrusted, untrustedFiles } from './untrusted-file.ts'

let folder = ''
const at = (name: string) => join(folder, name)
const own = process.getuid?.() ?? 0

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-untrusted-'))
  await writeFile(at('plain'), 'text')
})
afterEach(() => rm(folder, { recursive: true }))

describe.skipIf(process.platform === 'win32')('a file that another user may change', () => {
  test('is read when it is a plain file of its owner', async () => {
    expect(await untrustedFiles.read(at('plain'))).toBe('text')
    expect(await untrustedFiles.read(at('none'))).toBeUndefined()
  })

  test('is not read through a link, even to a file that may be read', async () => {
    await symlink(at('plain'), at('link'))
    await expect(openUntrusted(at('link'), own)).rejects.toThrow('ELOOP')
    await expect(untrustedFiles.read(at('link'))).rejects.toThrow('ELOOP')
  })

  test('is not waited for when it is a pipe, and is no folder', async () => {
    execFileSync('mkfifo', [at('pipe')])
    await mkdir(at('folder'))
    for (const name of ['pipe', 'folder'])
      await expect(openUntrusted(at(name), own)).rejects.toThrow('is no plain file')
  })

  test('is not read when it belongs to another user', async () => {
    await expect(openUntrusted(at('plain'), own + 1)).rejects.toThrow('belongs to another user')
  })

  test('is not taken into the memory when it is far larger than any record', async () => {
    await writeFile(at('large'), Buffer.alloc(4 * 1024 * 1024 + 1))
    await expect(untrustedFiles.read(at('large'))).rejects.toThrow('is too large')
  })
})
