import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TimeRecord } from '../ports/time-record.ts'
import { writeDurably } from './durable-file.ts'

const dayMs = 24 * 3_600_000

/** Seconds since 1970 in a file of their own, because a shell script reads them before the agent starts. */
export async function clockFile(stateFolder: string): Promise<TimeRecord> {
  const path = join(stateFolder, 'clock')
  const text = await readFile(path, 'utf8').catch(() => '')
  let known = /^\d{1,10}\n?$/.test(text) ? Number(text) * 1000 : undefined
  return {
    get known() {
      return known
    },
    async remember(now) {
      // Earlier, too: who has said so has proven who it is, and the file may be of a clock that was ahead.
      if (known !== undefined && Math.abs(now - known) < dayMs) return
      known = now
      await writeDurably(path, `${Math.floor(now / 1000)}\n`)
    },
  }
}
