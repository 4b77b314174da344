import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockFile } from './lock-file.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-lock-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a file that is not there locks nothing, and the next look sees it', async () => {
  const path = join(folder, 'lock')
  const locked = lockFile(path)
  expect(await locked()).toBeUndefined()
  await writeFile(path, 'in use\n')
  expect(await locked()).toBe('in use')
  await rm(path)
  expect(await locked()).toBeUndefined()
})

test('something that cannot be read locks', async () => {
  const path = join(folder, 'folder')
  await mkdir(path)
  expect(await lockFile(path)()).toBe('the update lock of this device cannot be read')
})

test('a huge file is not read to its end', async () => {
  const path = join(folder, 'huge')
  await writeFile(path, 'x'.repeat(1_000_000))
  expect(await lockFile(path)()).toHaveLength(256)
})
