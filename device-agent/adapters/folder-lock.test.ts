import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isFolderLocked, lockFolder } from './folder-lock.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-folder-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a folder that nobody has is free, also when it is not there yet', async () => {
  expect(isFolderLocked(folder)).toBe(false)
  expect(isFolderLocked(join(folder, 'absent'))).toBe(false)
  const release = await lockFolder(join(folder, 'new'))
  expect(isFolderLocked(join(folder, 'new'))).toBe(true)
  release()
})

test('a second agent is refused until the first one has ended', async () => {
  const release = await lockFolder(folder)
  await expect(lockFolder(folder)).rejects.toThrow(`another agent is running on ${folder}`)
  release()
  expect(isFolderLocked(folder)).toBe(false)
  const again = await lockFolder(folder)
  again()
})

test('looking at a lock that is free does not take it', async () => {
  ;(await lockFolder(folder))()
  expect(isFolderLocked(folder)).toBe(false)
  const release = await lockFolder(folder)
  release()
})

test('the lock of a process that was killed is free at once', async () => {
  const program = new URL('folder-lock.ts', import.meta.url).href
  const script = `const { lockFolder } = await import(${JSON.stringify(program)})
    await lockFolder(${JSON.stringify(folder)})
    process.stdout.write('locked')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  expect(isFolderLocked(folder)).toBe(true)
  await expect(lockFolder(folder)).rejects.toThrow('another agent')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(isFolderLocked(folder)).toBe(false)
})

test.skipIf(process.platform === 'win32')(
  'the lock is for its owner only, so that no other user can hold it',
  async () => {
    const release = await lockFolder(join(folder, 'state'))
    expect((await stat(join(folder, 'state'))).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder, 'state/agent.lock'))).mode & 0o777).toBe(0o600)
    release()
  },
)
