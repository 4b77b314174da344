import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readFaultFile } from './read-fault-file.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-faults-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function fileWith(text: string): Promise<string> {
  const file = join(folder, 'faults.json')
  await writeFile(file, text)
  return file
}

test('a file of faults is read', async () => {
  const file = await fileWith('{ "seed": 3, "rules": [{ "effect": { "kind": "reset" } }] }')
  expect(await readFaultFile(file)).toEqual({ seed: 3, rules: [{ rate: 1, effect: { kind: 'reset' } }] })
})

test('a mistake names the file and the place in it', async () => {
  const file = await fileWith('{ "rules": [{ "effect": { "kind": "reset" }, "rate": 2 }] }')
  await expect(readFaultFile(file)).rejects.toThrow(RangeError)
  await expect(readFaultFile(file)).rejects.toThrow(`${file}: rules[0].rate: `)
})

test('a file that is not there is named', async () => {
  await expect(readFaultFile(join(folder, 'none.json'))).rejects.toThrow(/none\.json: there is no such file/)
})
