import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { provision } from './provision.ts'

const valid = 'HostName=h;DeviceId=d;SharedAccessKey=c2VjcmV0'
let [folder, source, target] = ['', '', '']
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-provision-'))
  source = join(folder, 'source')
  target = join(folder, 'target')
})
afterEach(() => rm(folder, { recursive: true }))

test('the connection string is taken over into a file that only its owner can read', async () => {
  await writeFile(source, `${valid}\n`, { mode: 0o600 })
  await provision(source, target)
  expect(await readFile(target, 'utf8')).toBe(`${valid}\n`)
  if (process.platform !== 'win32') expect((await stat(target)).mode & 0o777).toBe(0o600)
})

test.skipIf(process.platform === 'win32')(
  'a source that everyone can read is refused, and changes nothing',
  async () => {
    await writeFile(source, valid)
    await chmod(source, 0o644)
    await expect(provision(source, target)).rejects.toThrow(`everyone can read ${source}`)
    expect(existsSync(target)).toBe(false)
  },
)

test('a connection string that lacks a part does not replace one that works', async () => {
  await writeFile(target, valid, { mode: 0o600 })
  await writeFile(source, 'HostName=h', { mode: 0o600 })
  await expect(provision(source, target)).rejects.toThrow('DeviceId')
  expect(await readFile(target, 'utf8')).toBe(valid)
})
