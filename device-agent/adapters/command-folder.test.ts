import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { commandsIn, inspectCommands } from './command-folder.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-commands-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function put(name: string, mode = 0o700): Promise<void> {
  await writeFile(join(folder, name), '#!/bin/sh\necho 1\n')
  await chmod(join(folder, name), mode)
}

const problemOf = async (name: string) =>
  (await inspectCommands(folder)).find((file) => file.name === name)?.problem

test('a folder that is not there has no commands', async () => {
  expect(await commandsIn(join(folder, 'none'), () => undefined)).toEqual([])
})

describe.skipIf(process.platform === 'win32')('a file in the folder', () => {
  test('that is executable is a method of its name, in the order of names', async () => {
    await put('restartPump')
    await put('backup')
    const commands = await commandsIn(folder, () => undefined)
    expect(commands.map(({ name }) => name)).toEqual(['backup', 'restartPump'])
    const call = { input: null, actionId: undefined, timeoutMs: 10_000, onProgress: () => undefined }
    const result = await commands[0]?.run({ ...call, signal: new AbortController().signal })
    expect(result).toEqual({ kind: 'done', output: 1 })
  })

  test.each([
    ['reboot', 'built in'],
    ['factoryReset', 'built in'],
    ['firmwareUpdate', 'built in'],
    ['cancelAction', 'built in'],
    ['agent', 'built in'],
    ['backup.sh', 'no method'],
    ['1st', 'no method'],
    ['a-b', 'no method'],
    ['x'.repeat(33), 'no method'],
    ['$metadata', 'no method'],
  ])('named %s is none', async (name, problem) => {
    await put(name)
    expect(await problemOf(name)).toContain(problem)
    expect(await commandsIn(folder, () => undefined)).toEqual([])
  })

  test.each([
    ['everyone can change', 0o707, 'can be changed by others'],
    ['its group can change', 0o770, 'can be changed by others'],
    ['nobody can execute', 0o600, 'is not executable'],
  ])('that %s is none, and the log says why', async (_, mode, problem) => {
    await put('backup', mode)
    const logged: unknown[] = []
    const log = (event: string, fields?: object) => void logged.push([event, fields])
    expect(await commandsIn(folder, log)).toEqual([])
    expect(JSON.stringify(logged)).toContain(problem)
  })

  test('that is a folder or hidden is none', async () => {
    await mkdir(join(folder, 'sub'))
    await put('.hidden')
    expect(await problemOf('sub')).toBe('is no file')
    expect(await problemOf('.hidden')).toBeUndefined()
    expect(await commandsIn(folder, () => undefined)).toEqual([])
  })

  test('is none where everyone can put one', async () => {
    await put('backup')
    await chmod(folder, 0o777)
    expect(await problemOf('backup')).toContain('folder')
    await chmod(folder, 0o700)
  })

  test('is none when there are sixteen before it', async () => {
    for (let index = 10; index < 28; index += 1) await put(`command${index}`)
    expect(await commandsIn(folder, () => undefined)).toHaveLength(16)
    expect(await problemOf('command26')).toContain('more than 16')
  })
})
