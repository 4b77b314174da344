import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { rounds } from '../../tests/support/rounds.ts'
import { ChangeLog } from './change-log.ts'

const program = fileURLToPath(new URL('../testing/keep-counting.ts', import.meta.url))

test('a log that is killed again and again, also while it is written anew, keeps every number that it acknowledged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-kill-'))
  let acknowledged = 0
  let snapshots = 0
  for (let round = 0; round < rounds(8, 100); round += 1) {
    const child = fork(program, [folder])
    // By numbers and not by time: a busy computer would get nothing done.
    let left = Math.ceil(Math.random() * 150)
    child.on('message', (number) => {
      acknowledged = Number(number)
      left -= 1
      if (left === 0) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const log = await ChangeLog.open({ folder, onFailure: () => undefined })
    const numbers = [...log.kept.values()].map(({ value }) => Number(value))
    await log.close()
    const last = Math.max(...numbers)
    // What was written at the end may be there although nobody was told.
    expect(last).toBeGreaterThanOrEqual(acknowledged)
    // Nothing older is left, and nothing in between is missing.
    expect(numbers.toSorted((left, right) => left - right)).toEqual(
      Array.from({ length: numbers.length }, (_, index) => last - numbers.length + 1 + index),
    )
    acknowledged = last
    snapshots = log.generation
  }
  expect(snapshots).toBeGreaterThan(5)
  await rm(folder, { recursive: true })
}, 300_000)
