import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseNamedFile, readNamedFile } from './read-named-file.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-named-'))
})

afterAll(() => rm(folder, { recursive: true }))

test('a file is read as text, and parsed', async () => {
  const file = join(folder, 'number.txt')
  await writeFile(file, '12ü')
  expect(await readNamedFile(file)).toBe('12ü')
  expect(await parseNamedFile(file, (text) => Number.parseInt(text))).toBe(12)
})

test('a file that is not there, or is none, is refused in words that name it', async () => {
  const missing = join(folder, 'missing.json')
  await expect(readNamedFile(missing)).rejects.toThrow(new RangeError(`${missing}: there is no such file`))
  await expect(parseNamedFile(folder, String)).rejects.toThrow(new RangeError(`${folder}: this is a folder`))
})

test('what another code means is left to the system, and what is wrong inside to who parses', async () => {
  await expect(readNamedFile(join(folder, 'x'.repeat(5000)))).rejects.toThrow(/: ENAMETOOLONG/)
  const file = join(folder, 'bad.txt')
  await writeFile(file, '')
  const refuse = () => {
    throw new RangeError('rules[1]: no')
  }
  await expect(parseNamedFile(file, refuse)).rejects.toThrow(new RangeError(`${file}: rules[1]: no`))
})
