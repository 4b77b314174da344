import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ConnectionRecord, Remembered as Known } from '../ports/connection-record.ts'
import { writeDurably } from './durable-file.ts'

const Remembered = z.object({
  transport: z.enum(['mqtt', 'mqtt-websocket']).optional(),
  assignment: z.object({ enrolment: z.string(), hostName: z.string(), deviceId: z.string() }).optional(),
  clockBlocksSince: z.iso.datetime().optional(),
})

/** A record that is not there or damaged is an empty one. */
export async function connectionRecord(stateFolder: string): Promise<ConnectionRecord> {
  const path = join(stateFolder, 'connection.json')
  let known = await read(path)
  return {
    get known() {
      return known
    },
    async remember(news) {
      const next = { ...known, ...news }
      if (JSON.stringify(next) === JSON.stringify(known)) return
      known = next
      await writeDurably(path, `${JSON.stringify(next)}\n`)
    },
  }
}

async function read(path: string): Promise<Known> {
  try {
    return Remembered.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return {}
  }
}
