import { ChangeLog } from '../store/change-log.ts'

/** A program for a test to kill: counts in the folder of its argument, and tells its parent each number that is kept. */
const [folder = ''] = process.argv.slice(2)
const log = await ChangeLog.open({
  folder,
  onFailure: (error) => {
    throw error
  },
  // A new snapshot every few lines, so that many are killed while they are written.
  bytesBeforeSnapshot: 2_000,
})
const first = Math.max(0, ...[...log.kept.values()].map(({ value }) => Number(value))) + 1
for (let number = first; ; number += 1) {
  log.put({ kind: 'number', key: String(number % 100), value: number })
  // Some are written together.
  if (number % 3 === 0) continue
  await log.settled()
  process.send?.(number)
}
