import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { floorFile } from './floor-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-floor-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a device that has committed nothing has no floor', async () => {
  expect(await floorFile(join(folder, 'floor')).read()).toBeUndefined()
})

test('the floor is what was committed last, for the next start too, and never goes down', async () => {
  const floor = floorFile(join(folder, 'floor'))
  await floor.raise(7)
  await floor.raise(3)
  expect(await floorFile(join(folder, 'floor')).read()).toBe(7)
  await floor.raise(8)
  expect(await floor.read()).toBe(8)
  expect(await readFile(join(folder, 'floor'), 'utf8')).toBe('{"sequence":8}')
})

test.each(['', '{', '{"sequence":-1}', '{"sequence":"7"}'])(
  'a floor that reads %j is damaged, not absent',
  async (text) => {
    const path = join(folder, 'floor')
    await writeFile(path, text)
    await expect(floorFile(path).read()).rejects.toThrow('is damaged')
    await expect(floorFile(path).raise(9)).rejects.toThrow('is damaged')
  },
)
