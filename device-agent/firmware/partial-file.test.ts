import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPartialFile } from './partial-file.ts'

const bytes = randomBytes(100_000)
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-part-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (change: { bootId?: string; packageKey?: string } = {}) =>
  openPartialFile({ folder, bootId: 'boot-1', packageKey: 'pump', checkpointBytes: 30_000, ...change })

async function begin(length: number): Promise<void> {
  const part = await open()
  await part.restart('"a"')
  for (let done = 0; done < length; done += 10_000)
    await part.append([bytes.subarray(done, Math.min(done + 10_000, length))])
  await part.close()
}

const sha256Of = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')

test('what was written before is there at the next start, with its hash and its ETag', async () => {
  await begin(55_000)
  const part = await open()
  expect(part).toMatchObject({ offset: 55_000, etag: '"a"' })
  await part.append([bytes.subarray(55_000, 60_000), bytes.subarray(60_000)])
  expect(part.digest()).toBe(sha256Of(bytes))
  await part.close()
  expect(await readFile(part.path)).toEqual(bytes)
})

test('after a restart of the machine only what was synced counts', async () => {
  await begin(55_000)
  const part = await open({ bootId: 'boot-2' })
  expect(part.offset).toBe(30_000)
  expect(part.digest()).toBe(sha256Of(bytes.subarray(0, 30_000)))
  await part.close()
})

test('a file that is shorter than its record says is not trusted', async () => {
  await begin(55_000)
  await truncate(join(folder, 'package'), 20_000)
  const part = await open({ bootId: 'boot-2' })
  expect(part.offset).toBe(0)
  await part.close()
})

test('the bytes of another package are thrown away', async () => {
  await begin(55_000)
  const part = await open({ packageKey: 'valve' })
  expect(part).toMatchObject({ offset: 0, etag: undefined })
  expect((await readFile(part.path)).length).toBe(0)
  await part.close()
})

test.each(['', '{', '{"packageKey":"pump"}'])('a record that reads %j is none', async (text) => {
  await begin(55_000)
  await writeFile(join(folder, 'record'), text)
  const part = await open()
  expect(part.offset).toBe(0)
  await part.close()
})

test('bytes without a strong ETag are not resumed', async () => {
  const part = await open()
  await part.restart(undefined)
  await part.append([bytes])
  await part.close()
  const next = await open()
  expect(next.offset).toBe(0)
  await next.close()
})

test('a fresh start forgets the bytes and the hash', async () => {
  await begin(55_000)
  const part = await open()
  await part.restart('"b"')
  await part.append([bytes.subarray(0, 10)])
  expect(part).toMatchObject({ offset: 10, etag: '"b"' })
  expect(part.digest()).toBe(sha256Of(bytes.subarray(0, 10)))
  await part.close()
})
