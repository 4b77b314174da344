import { appendFile, mkdtemp, open, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { seededRandom } from '../fleet/seeded-random.ts'
import { ChangeLog } from './change-log.ts'
import type { ChangeLogOptions } from './change-log.ts'
import type { Change } from './change.ts'
import { DataFolderUnusable } from './data-folder-unusable.ts'

let folder: string
let failures: unknown[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-store-'))
  failures = []
})

afterEach(() => rm(folder, { recursive: true }))

function openLog(options: Partial<ChangeLogOptions> = {}): Promise<ChangeLog> {
  return ChangeLog.open({ folder, onFailure: (error) => failures.push(error), ...options })
}

const put = (key: string, value: unknown): Change => ({ kind: 'thing', key, value })
const logFile = async () => join(folder, (await readdir(folder)).find((name) => name.endsWith('.log')) ?? '')
const valuesIn = (log: ChangeLog) => [...log.kept.values()].map(({ key, value }) => [key, value])

/** What the next hub on the folder finds. */
async function reopened(): Promise<unknown[][]> {
  const log = await openLog()
  const values = valuesIn(log)
  await log.close()
  return values
}

async function keep(...changes: readonly Change[]): Promise<void> {
  const log = await openLog()
  for (const change of changes) {
    log.put(change)
    await log.settled()
  }
  await log.close()
}

describe('a change log', () => {
  test('brings back what was put last, and not what was forgotten, in the order of the first put', async () => {
    await keep(put('a', 1), put('b', { n: [null, 'ü'] }), put('c', 1), put('a', 2))
    await keep({ kind: 'thing', key: 'c' }, put('d', 1), { kind: 'thing', key: 'b' }, put('b', 3))
    expect(await reopened()).toEqual([
      ['a', 2],
      ['d', 1],
      ['b', 3],
    ])
  })

  test('has nothing to wait for but changes, and keeps those of one turn together', async () => {
    const log = await openLog()
    expect(log.settled()).toBeUndefined()
    log.put(put('a', 1))
    log.put(put('b', 1))
    const settled = log.settled()
    expect(settled).toBeInstanceOf(Promise)
    await settled
    expect(log.settled()).toBeUndefined()
    await log.close()
    expect((await readFile(await logFile(), 'utf8')).trim().split('\n')).toHaveLength(2)
  })

  test('a change that comes while the disk is busy is waited for too', async () => {
    const log = await openLog()
    log.put(put('a', 1))
    const first = log.settled()
    await new Promise(setImmediate)
    log.put(put('b', 1))
    const second = log.settled()
    expect(second).not.toBe(first)
    await second
    expect(await readFile(await logFile(), 'utf8')).toContain('"b"')
    await log.close()
  })

  test('the same key of another kind is another thing', async () => {
    await keep(put('a', 1), { kind: 'other', key: 'a', value: 2 })
    expect(await reopened()).toHaveLength(2)
  })
})

describe('after a crash', () => {
  test('every beginning of the last line is left out, and all before it is there', async () => {
    await keep(put('a', 1), put('b', 'a value with a newline\n in it'))
    const path = await logFile()
    const whole = await readFile(path)
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1
    for (let length = lastLine; length < whole.length; length += 7) {
      await writeFile(path, whole.subarray(0, length))
      expect(await reopened()).toEqual([['a', 1]])
    }
  })

  test('what is written after a torn line is read back', async () => {
    await keep(put('a', 1))
    await appendFile(await logFile(), '0123abcd 99 2 [{"kind":"th')
    await keep(put('b', 2))
    expect(await reopened()).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })

  test('a last line of zeros, as a power cut leaves it, is left out', async () => {
    await keep(put('a', 1))
    await appendFile(await logFile(), Buffer.concat([Buffer.alloc(4096), Buffer.from('\n')]))
    expect(await reopened()).toEqual([['a', 1]])
  })

  test('a snapshot that was not finished is nothing', async () => {
    await keep(put('a', 1))
    await writeFile(join(folder, 'hub-2.draft'), 'half of it')
    expect(await reopened()).toEqual([['a', 1]])
  })

  test('of two logs the newer one counts, and the other goes', async () => {
    await keep(put('a', 1))
    const [older] = [await readFile(await logFile())]
    const log = await openLog({ bytesBeforeSnapshot: 1 })
    log.put(put('a', 2))
    await log.settled()
    await log.close()
    await writeFile(join(folder, 'hub-1.log'), older)
    expect(await reopened()).toEqual([['a', 2]])
    expect((await readdir(folder)).filter((name) => name.endsWith('.log'))).toHaveLength(1)
  })
})

describe('damage', () => {
  test('of any byte before the last line is an error that names file and line', async () => {
    await keep(put('a', 1), put('b', 2), put('c', 3))
    const path = await logFile()
    const whole = await readFile(path)
    const lastLine = whole.lastIndexOf('\n', whole.length - 2) + 1
    for (let at = 0; at < lastLine; at += 3) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0x15
      await writeFile(path, damaged)
      await expect(openLog(), `byte ${at}`).rejects.toThrow(/hub-1\.log is damaged at line \d/)
    }
  })

  test('a line that is missing, or there twice, is an error', async () => {
    await keep(put('a', 1), put('b', 2), put('c', 3))
    const path = await logFile()
    const [header = '', a = '', b = '', c = ''] = (await readFile(path, 'utf8')).split('\n')
    for (const lines of [
      [header, a, c],
      [header, a, a, b, c],
      [header, b, a, c],
    ]) {
      await writeFile(path, [...lines, ''].join('\n') + `${c}\n`)
      await expect(openLog()).rejects.toThrow(DataFolderUnusable)
    }
  })

  test('a snapshot that was cut is an error, for a snapshot is never torn', async () => {
    const log = await openLog({ bytesBeforeSnapshot: 1 })
    for (let index = 0; index < 600; index += 1) log.put(put(`key-${index}`, index))
    await log.settled()
    await log.close()
    const path = await logFile()
    expect(path).toContain('hub-2.log')
    await truncate(path, 9_000)
    await expect(openLog()).rejects.toThrow(/damaged/)
  })

  test('a file of a newer version is refused, not guessed at', async () => {
    await keep(put('a', 1))
    const file = await open(await logFile(), 'w')
    const { writeLine } = await import('./log-line.ts')
    await file.writeFile(writeLine({ number: 0, content: { format: 'drover-local-hub', version: 2 } }))
    await file.close()
    await expect(openLog()).rejects.toThrow(/newer version/)
  })
})

describe('a snapshot', () => {
  test('replaces the log again and again while changes come, and loses none', async () => {
    const random = seededRandom(7)
    const log = await openLog({ bytesBeforeSnapshot: 2_000 })
    const expected = new Map<string, unknown>()
    for (let round = 0; round < 300; round += 1) {
      const key = `key-${Math.floor(random() * 40)}`
      if (random() < 0.2) {
        expected.delete(key)
        log.put({ kind: 'thing', key })
      } else {
        expected.set(key, { round, text: 'x'.repeat(random() * 50) })
        log.put(put(key, expected.get(key)))
      }
      if (random() < 0.5) await log.settled()
    }
    await log.close()
    expect(Number(/hub-(\d+)/.exec(await logFile())?.[1])).toBeGreaterThan(2)
    expect(new Map((await reopened()) as [string, unknown][])).toEqual(expected)
    expect((await readdir(folder)).filter((name) => name.startsWith('hub-'))).toHaveLength(1)
  })
})

describe('a disk that fails', () => {
  test('lets nobody believe that anything is kept from then on', async () => {
    const log = await openLog()
    await log.close()
    log.put(put('a', 1))
    await expect(log.settled()).rejects.toThrow('its disk failed')
    await expect(log.settled()).rejects.toThrow('its disk failed')
    log.put(put('b', 1))
    await expect(log.settled()).rejects.toThrow('its disk failed')
    expect(failures).toHaveLength(1)
  })
})
