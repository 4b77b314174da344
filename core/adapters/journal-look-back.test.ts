import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ActionId, DeviceId } from '../../contract/app/ids.ts'
import { rounds } from '../../tests/support/rounds.ts'
import type { TargetChanged } from '../domain/journal-record.ts'
import type { RecordFilter } from '../ports/journal.ts'
import { JournalFile } from './journal-file.ts'

let folder: string
let path: string
let journal: JournalFile

const count = 1_700

/** Three actions take turns over ten devices. */
function record(number: number): TargetChanged {
  return {
    type: 'target',
    at: '2026-11-23T10:00:00.000Z',
    actionId: ActionId.parse(`action-${number % 3}`),
    deviceId: DeviceId.parse(`pump-${number % 10} ü`),
    name: 'send',
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-journal-'))
  path = join(folder, 'journal.log')
  journal = await openJournal()
  await Promise.all(Array.from({ length: count }, (_, index) => journal.append(record(index + 1))))
})

afterEach(async () => {
  await journal.close()
  await rm(folder, { recursive: true })
})

async function openJournal(): Promise<JournalFile> {
  const opened = await JournalFile.open(path)
  for await (const records of opened.read()) expect(records.length).toBeGreaterThan(0)
  return opened
}

async function numbers(before: number, filter: RecordFilter = {}): Promise<number[]> {
  const all: number[] = []
  for await (const { number, record: found } of journal.readBackwards(before, filter)) {
    expect(found).toEqual(record(number))
    all.push(number)
  }
  return all
}

const upTo = (last: number, isWanted: (number: number) => boolean): number[] =>
  Array.from({ length: last }, (_, index) => last - index).filter(isWanted)

describe('looking back', () => {
  test('begins with the newest, and ends with the first', async () => {
    expect(await numbers(count + 1)).toEqual(upTo(count, () => true))
  })

  test('begins before the number that is asked for, also where that is beyond the end', async () => {
    expect((await numbers(801))[0]).toBe(800)
    expect((await numbers(1_000_000))[0]).toBe(count)
    expect(await numbers(1)).toEqual([])
  })

  test('finds the records of one action, of one device, and of both', async () => {
    expect(await numbers(count + 1, { actionId: 'action-2' })).toEqual(upTo(count, (n) => n % 3 === 2))
    expect(await numbers(count + 1, { deviceId: 'pump-4 ü' })).toEqual(upTo(count, (n) => n % 10 === 4))
    expect(await numbers(count + 1, { actionId: 'action-1', deviceId: 'pump-4 ü' })).toEqual(
      upTo(count, (n) => n % 3 === 1 && n % 10 === 4),
    )
    expect(await numbers(count + 1, { actionId: 'nobody' })).toEqual([])
  })

  test('finds the same after the next start, and what was appended since', async () => {
    await journal.close()
    journal = await openJournal()
    expect(await numbers(count + 1, { deviceId: 'pump-4 ü' })).toHaveLength(170)
    await journal.append(record(count + 1))
    expect((await numbers(count + 2))[0]).toBe(count + 1)
  })
})

describe('verifying', () => {
  test('finds the chain whole, with as many records as were appended', async () => {
    expect(await journal.verify()).toMatchObject({ isWhole: true, records: count })
  })

  test('says the same head after the next start', async () => {
    const before = await journal.verify()
    await journal.close()
    journal = await openJournal()
    expect(await journal.verify()).toEqual(before)
  })

  /** Every change that leaves the length of the file as it was, or not: one byte, one line, or two lines. */
  test(
    'finds every change while the app runs',
    async () => {
      const whole = await readFile(path)
      const lines = whole.toString('utf8').split('\n').slice(0, -1)
      const random = seeded(7)
      for (let round = 0; round < rounds(150, 10_000); round += 1) {
        const changed = changes[round % changes.length]?.(whole, lines, random) ?? whole
        if (changed.equals(whole)) continue
        await writeFile(path, changed)
        expect(await journal.verify()).toMatchObject({ isWhole: false })
      }
      await writeFile(path, whole)
      expect(await journal.verify()).toMatchObject({ isWhole: true })
    },
    rounds(60_000, 900_000),
  )

  test('finds other bytes that read as the same text', async () => {
    const hostile: TargetChanged = { ...record(1), deviceId: DeviceId.parse('pump-\uFFFD') }
    await journal.append(hostile)
    const whole = await readFile(path)
    const at = whole.lastIndexOf('\uFFFD')
    // No character at all: who reads it as text gets U+FFFD for it.
    const changed = Buffer.concat([whole.subarray(0, at), Buffer.from([0xff]), whole.subarray(at + 3)])
    expect(changed.toString('utf8')).toBe(whole.toString('utf8'))
    await writeFile(path, changed)
    expect(await journal.verify()).toEqual({ isWhole: false, firstWrong: count + 1 })
  })

  test('names the first record that is wrong', async () => {
    const lines = (await readFile(path, 'utf8')).split('\n')
    lines[41] = (lines[41] ?? '').replace('pump-2', 'pump-3')
    await writeFile(path, lines.join('\n'))
    expect(await journal.verify()).toEqual({ isWhole: false, firstWrong: 42 })
  })
})

type Random = (below: number) => number

const changes: readonly ((whole: Buffer, lines: readonly string[], random: Random) => Buffer)[] = [
  function flipOneBit(whole, _, random) {
    const changed = Buffer.from(whole)
    const at = random(changed.length)
    changed[at] = (changed[at] ?? 0) ^ (1 << random(7))
    return changed
  },
  (_, lines, random) => toFile(lines.toSpliced(random(lines.length), 1)),
  function swapTwo(_, lines, random) {
    const [a, b] = [random(lines.length), random(lines.length)]
    return toFile(lines.with(a, lines[b] ?? '').with(b, lines[a] ?? ''))
  },
  (_, lines, random) => toFile(lines.toSpliced(random(lines.length), 0, lines[random(lines.length)] ?? '')),
  (whole, _, random) => whole.subarray(0, random(whole.length - 1)),
]

function toFile(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''))
}

/** A small linear congruential generator: the same changes each time. */
function seeded(seed: number): Random {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
