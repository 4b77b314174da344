import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clockFile } from './clock-file.ts'

const now = Date.UTC(2026, 10, 28)
const hour = 3_600_000

let folder = ''
const content = () => readFile(join(folder, 'clock'), 'utf8')
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-clock-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('the last time that was known is known at the next start, as seconds that a shell can read', async () => {
  expect((await clockFile(folder)).known).toBeUndefined()
  await (await clockFile(folder)).remember(now + 321)
  expect(await content()).toBe(`${now / 1000}\n`)
  expect((await clockFile(folder)).known).toBe(now)
})

test('it is written once a day at most, and corrected when it was wrong', async () => {
  const record = await clockFile(folder)
  await record.remember(now)
  const { ino } = await stat(join(folder, 'clock'))
  await record.remember(now + 23 * hour)
  expect((await stat(join(folder, 'clock'))).ino).toBe(ino)
  await record.remember(now + 25 * hour)
  expect(await content()).toBe(`${(now + 25 * hour) / 1000}\n`)
  await record.remember(now)
  expect(record.known).toBe(now)
})

test.each(['', 'yesterday\n', '-5\n', '12345678901\n', '1; reboot\n'])('%j is no time', async (text) => {
  await writeFile(join(folder, 'clock'), text)
  expect((await clockFile(folder)).known).toBeUndefined()
})
