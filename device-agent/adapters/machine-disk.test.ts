import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { machineFile, machineInMemory } from './machine-disk.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-machine-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

test('a machine in a file is the same for the next process', async () => {
  const path = join(folder, 'new', 'machine.json')
  expect(await machineFile(path).read()).toBeUndefined()
  await machineFile(path).write({ bootId: 'b', bootedAt: 7, downSince: 9 })
  expect(await machineFile(path).read()).toEqual({ bootId: 'b', bootedAt: 7, downSince: 9 })
  await machineFile(path).write({ bootId: 'c', bootedAt: 10 })
  expect(await machineFile(path).read()).toEqual({ bootId: 'c', bootedAt: 10 })
})

test('a machine in a file that holds something else is an error, not a new machine', async () => {
  const path = join(folder, 'machine.json')
  await writeFile(path, '{"bootId":7}')
  await expect(machineFile(path).read()).rejects.toThrow()
})

test('a machine in memory is its own', async () => {
  const [one, other] = [machineInMemory(), machineInMemory()]
  await one.write({ bootId: 'b', bootedAt: 7 })
  expect(await one.read()).toEqual({ bootId: 'b', bootedAt: 7 })
  expect(await other.read()).toBeUndefined()
})
