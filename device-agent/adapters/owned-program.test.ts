import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { problemOfPlace, problemOfProgram } from './owned-program.ts'

let folder = ''
const at = (name: string) => join(folder, name)
const isRoot = process.getuid?.() === 0

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-owned-'))
  await mkdir(at('modules'))
  await writeFile(at('modules/own'), '#!/bin/sh\n')
  await chmod(at('modules/own'), 0o755)
})
afterEach(() => rm(folder, { recursive: true }))

describe.skipIf(process.platform === 'win32')('what root acts upon', () => {
  test('may be what nobody else can change', async () => {
    expect(await problemOfPlace(at('modules/own'))).toBeUndefined()
    expect(await problemOfProgram(at('modules/own'))).toBeUndefined()
    expect(await problemOfPlace(at('modules/none'))).toBeUndefined()
  })

  test('may not be a file that everyone can write', async () => {
    await chmod(at('modules/own'), 0o777)
    expect(await problemOfPlace(at('modules/own'))).toMatch(/^can be changed by others/)
  })

  test('may not be in a folder in which everyone can put another in its place', async () => {
    await chmod(at('modules'), 0o777)
    expect(await problemOfPlace(at('modules/own'))).toContain(`is in ${at('modules')}, which can be changed`)
    // Nor may what is not there yet: whoever may write there makes it.
    expect(await problemOfPlace(at('modules/none'))).toContain('which can be changed')
  })

  test('may be in a folder like /tmp, where nobody can replace what is of another', async () => {
    await chmod(at('modules'), 0o1777)
    expect(await problemOfPlace(at('modules/own'))).toBeUndefined()
  })

  test('may not be reached by a link that others can change, nor by one to what they can', async () => {
    await mkdir(at('shared'))
    await symlink(at('modules/own'), at('shared/link'))
    await symlink(at('shared'), at('way'))
    await chmod(at('shared'), 0o777)
    expect(await problemOfPlace(at('shared/link'))).toContain('which can be changed')
    expect(await problemOfPlace(at('way/link'))).toContain('which can be changed')
  })

  test.skipIf(!isRoot)('may not belong to another user, nor be below a folder that does', async () => {
    await chown(at('modules'), 12_345, 12_345)
    expect(await problemOfPlace(at('modules/own'))).toContain('which belongs to another user')
    await chown(at('modules/own'), 12_345, 12_345)
    expect(await problemOfProgram(at('modules/own'))).toMatch(/^belongs to another user/)
  })
})
