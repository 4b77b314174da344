import { access, chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configuredReset, performReset } from './configured-reset.ts'

let folder = ''
const at = (...names: string[]) => join(folder, ...names)
const around = {
  stateFolder: '/var/lib/drover-agent',
  identityFiles: ['/etc/drover-agent/connection-string'],
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-reset-'))
  await mkdir(at('data'))
  await writeFile(at('data', 'file'), 'x')
})
afterEach(() => rm(folder, { recursive: true }))

async function program(name: string, body: string, mode = 0o700): Promise<string> {
  await writeFile(at(name), `#!/bin/sh\n${body}\n`)
  await chmod(at(name), mode)
  return at(name)
}

test('a device without settings for it has no factory reset', () => {
  expect(
    configuredReset({ wipe: [], keep: [], command: undefined }, { ...around, helper: undefined }),
  ).toBeUndefined()
})

test('a reset says what it does before it does it', () => {
  const options = { wipe: ['/data', '/etc/drover-agent'], keep: ['/data/map'], command: '/usr/bin/reset' }
  const reset = configuredReset(options, { ...around, helper: undefined })
  expect(reset).toMatchObject({
    wipes: ['/data', '/etc/drover-agent', 'what /usr/bin/reset resets'],
    keeps: ['network', '/data/map'],
    willReturn: false,
  })
})

test('where there is a helper, it is the one that wipes', async () => {
  const asked: string[] = []
  const helper = (verb: string) => Promise.resolve(void asked.push(verb))
  await configuredReset({ wipe: [at('data')], keep: [], command: undefined }, { ...around, helper })?.wipe()
  expect(asked).toEqual(['wipe'])
  expect(await readdir(at('data'))).toEqual(['file'])
})

describe.skipIf(process.platform === 'win32')("the owner's own program", () => {
  test('runs before anything is removed', async () => {
    const command = await program('reset', `cp ${at('data', 'file')} ${at('copied')}`)
    await performReset({ wipe: [at('data')], keep: [], command }, around)
    await access(at('copied'))
    expect(await readdir(at('data'))).toEqual([])
  })

  test('that fails stops the reset, and is named without its output', async () => {
    const command = await program('reset', 'echo secret >&2; exit 3')
    const work = performReset({ wipe: [at('data')], keep: [], command }, around)
    await expect(work).rejects.toThrow(/^reset-command ended with 3$/)
    expect(await readdir(at('data'))).toEqual(['file'])
  })

  test.each([
    ['everyone can change', 0o777, 'can be changed by others'],
    ['nobody can execute', 0o600, 'is not executable'],
  ])('that %s is not run', async (_, mode, named) => {
    const command = await program('reset', 'exit 0', mode)
    await expect(performReset({ wipe: [at('data')], keep: [], command }, around)).rejects.toThrow(named)
    expect(await readdir(at('data'))).toEqual(['file'])
  })

  test('that is missing stops the reset', async () => {
    const work = performReset({ wipe: [at('data')], keep: [], command: at('none') }, around)
    await expect(work).rejects.toThrow('is not there')
  })
})
