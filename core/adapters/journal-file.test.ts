import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ActionId, DeviceId } from '../../contract/app/ids.ts'
import type { JournalRecord } from '../domain/journal-record.ts'
import { JournalFile } from './journal-file.ts'
import { genesis, writeLine } from './journal-line.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-journal-'))
  path = join(folder, 'nested', 'journal.log')
})

afterEach(() => rm(folder, { recursive: true }))

function record(number: number): JournalRecord {
  return {
    type: 'target',
    at: '2026-11-23T10:00:00.000Z',
    actionId: ActionId.parse('action-1'),
    deviceId: DeviceId.parse(`pump-${number}\n"ü`),
    name: 'send',
  }
}

const records = (count: number): JournalRecord[] =>
  Array.from({ length: count }, (_, number) => record(number))

async function opened(): Promise<{ journal: JournalFile; records: JournalRecord[] }> {
  const journal = await JournalFile.open(path)
  const all: JournalRecord[] = []
  try {
    for await (const each of journal.read()) all.push(...each)
  } catch (error) {
    await journal.close()
    throw error
  }
  return { journal, records: all }
}

async function written(count: number): Promise<void> {
  const { journal } = await opened()
  await Promise.all(records(count).map((each) => journal.append(each)))
  await journal.close()
}

async function read(): Promise<JournalRecord[]> {
  const { journal, records: all } = await opened()
  await journal.close()
  return all
}

async function edit(change: (lines: string[]) => string[]): Promise<void> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1)
  await writeFile(
    path,
    change(lines)
      .map((line) => `${line}\n`)
      .join(''),
  )
}

describe('the journal', () => {
  test('gives back what was appended, in order, after it was opened again and again', async () => {
    await written(3)
    await written(2)
    expect(await read()).toEqual([...records(3), ...records(2)])
  })

  test('has a record in the file by the time that its append resolves', async () => {
    const { journal } = await opened()
    await journal.append(record(7))
    expect(await readFile(path, 'utf8')).toContain('pump-7')
    await journal.close()
  })

  test('is empty at first', async () => {
    expect(await read()).toEqual([])
  })

  test('can be read by its owner only', async () => {
    await written(1)
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o077).toBe(0)
  })

  test('takes nothing before it was read: what came before could be broken', async () => {
    const journal = await JournalFile.open(path)
    await expect(journal.append(record(1))).rejects.toThrow('not read')
    await journal.close()
  })

  test('can be open once only, and again after it was closed', async () => {
    const { journal } = await opened()
    await expect(JournalFile.open(path)).rejects.toMatchObject({ code: 'conflict' })
    await journal.append(record(1))
    await journal.close()
    expect(await read()).toEqual([record(1)])
  })

  test('says so when it holds a record that this version does not know', async () => {
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, `${writeLine(genesis, { type: 'moon' } as unknown as JournalRecord).text}\n`)
    await expect(opened()).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('Record 1') as string,
    })
  })

  test('takes nothing more once a write has failed', async () => {
    const { journal } = await opened()
    await journal.close()
    await expect(journal.append(record(1))).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('nothing more is sent') as string,
    })
    await expect(journal.append(record(2))).rejects.toMatchObject({ code: 'internal' })
  })
})

describe('another writer', () => {
  const refused = { code: 'internal', message: expect.stringContaining('nothing more is sent') as string }

  test('who has got past the lock stops both: nothing is sent that the journal does not hold', async () => {
    const { journal } = await opened()
    await journal.append(record(1))
    // What a tool that tidies up does; the next one locks another file of that name.
    await rm(`${path}.lock`)
    const { journal: other } = await opened()
    await other.append(record(2))
    expect(await journal.verify()).toEqual({ isWhole: false, firstWrong: 2 })
    await expect(journal.append(record(3))).rejects.toMatchObject(refused)
    await journal.close()
    await other.close()
    expect(await read()).toEqual([record(1), record(2)])
  })

  test('who has moved the file away is noticed before anything is written where nobody looks', async () => {
    const { journal } = await opened()
    await journal.append(record(1))
    await rename(path, `${path}.moved`)
    await expect(journal.append(record(2))).rejects.toMatchObject(refused)
    await journal.close()
  })

  test('who has put a copy of the file in its place is noticed, too', async () => {
    const { journal } = await opened()
    await journal.append(record(1))
    await copyFile(path, `${path}.copy`)
    await rename(`${path}.copy`, path)
    expect(await journal.verify()).toMatchObject({ isWhole: false })
    await expect(journal.append(record(2))).rejects.toMatchObject(refused)
    await journal.close()
  })
})

describe('after a crash', () => {
  test('a piece of a line is cut off, wherever the crash cut it, and the journal goes on', async () => {
    await written(3)
    const whole = await readFile(path)
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1
    for (let length = lastLine + 1; length < whole.length - 1; length += 1) {
      await writeFile(path, whole.subarray(0, length))
      expect(await read()).toEqual(records(2))
      await written(1)
      expect(await read()).toEqual([...records(2), record(0)])
    }
  }, 60_000)

  test('a whole line that lacks only its end counts, and the next one begins a line of its own', async () => {
    await written(2)
    await truncate(path, (await stat(path)).size - 1)
    await written(1)
    expect(await read()).toEqual([...records(2), record(0)])
  })
})

describe('other hands', () => {
  test.each<[string, (lines: string[]) => string[]]>([
    [
      'changed a record',
      (lines) => lines.map((line, index) => (index === 1 ? line.replace('pump-1', 'pump-9') : line)),
    ],
    [
      'changed the last record',
      (lines) => lines.map((line, index) => (index === 3 ? line.replace('pump-3', 'pump-9') : line)),
    ],
    ['dropped a record', (lines) => lines.filter((_, index) => index !== 1)],
    ['moved a record', ([a = '', b = '', ...rest]) => [b, a, ...rest]],
    ['repeated a record', ([a = '', ...rest]) => [a, a, ...rest]],
    ['added a record', (lines) => [...lines, `${'0'.repeat(64)} {}`]],
  ])('%s: it is said, and the file is left as it is', async (_, change) => {
    await written(4)
    await edit(change)
    const before = await readFile(path, 'utf8')
    await expect(opened()).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('changed by other hands') as string,
    })
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  test('put a file of their own there', async () => {
    await written(1)
    await appendFile(path, 'hello\nhello\n')
    await expect(opened()).rejects.toMatchObject({ code: 'internal' })
  })
})
