import { access, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { wipe } from './wiper.ts'

let folder = ''
const at = (...names: string[]) => join(folder, ...names)
const own = { stateFolder: '/var/lib/drover-agent' }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-wipe-'))
  await mkdir(at('data', 'photos', 'old'), { recursive: true })
  await mkdir(at('data', 'calibration'))
  await writeFile(at('data', 'photos', 'old', '1.jpg'), 'x')
  await writeFile(at('data', 'calibration', 'lens'), 'precious')
  await writeFile(at('data', '.hidden'), 'x')
  await writeFile(at('settings'), 'x')
  await writeFile(at('untouched'), 'x')
})
afterEach(() => rm(folder, { recursive: true }))

test('a folder is emptied and stays, a file is removed, and nothing else is touched', async () => {
  await wipe({ wipe: [at('data'), at('settings')], keep: [] }, own)
  expect((await readdir(folder)).sort()).toEqual(['data', 'untouched'])
  expect(await readdir(at('data'))).toEqual([])
})

test('what is kept stays, with the folders that lead to it', async () => {
  await wipe({ wipe: [folder], keep: [at('data', 'calibration', 'lens'), at('untouched')] }, own)
  expect((await readdir(folder)).sort()).toEqual(['data', 'untouched'])
  expect(await readdir(at('data'))).toEqual(['calibration'])
  expect(await readFile(at('data', 'calibration', 'lens'), 'utf8')).toBe('precious')
})

test('a wipe that was cut short is done again, and what is gone already is no problem', async () => {
  const set = { wipe: [at('data'), at('settings'), at('never-there')], keep: [at('data', 'calibration')] }
  await rm(at('settings'))
  await rm(at('data', 'photos', 'old'), { recursive: true })
  await wipe(set, own)
  await wipe(set, own)
  expect(await readdir(at('data'))).toEqual(['calibration'])
})

test('a link in a folder is removed, and what it leads to is not', async () => {
  await symlink(at('untouched'), at('data', 'link'))
  await mkdir(at('elsewhere'))
  await writeFile(at('elsewhere', 'file'), 'x')
  await symlink(at('elsewhere'), at('data', 'folder-link'))
  await wipe({ wipe: [at('data')], keep: [] }, own)
  expect(await readdir(at('data'))).toEqual([])
  await access(at('untouched'))
  await access(at('elsewhere', 'file'))
})

test('a path that is a link is followed once, as its owner wanted', async () => {
  await symlink(at('data'), at('current'))
  await wipe({ wipe: [at('current')], keep: [at('current', 'calibration')] }, own)
  expect(await readdir(at('data'))).toEqual(['calibration'])
})

test('a path whose link leads to the record of the agent is refused, and the others are wiped', async () => {
  await mkdir(at('state'))
  await writeFile(at('state', 'record'), 'x')
  await symlink(at('state'), at('evil'))
  await symlink(at('state', 'record'), at('evil-too'))
  const work = wipe(
    { wipe: [at('evil'), at('evil-too'), at('settings')], keep: [] },
    { stateFolder: at('state') },
  )
  await expect(work).rejects.toThrow(/evil touches the agent's own record.*and 1 more/)
  expect(await readdir(folder)).not.toContain('settings')
  await access(at('state', 'record'))
})
