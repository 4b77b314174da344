import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { writeDurably } from './durable-file.ts'
import type { MachineDisk, MachineRecord } from './simulated-machine.ts'

const Stored = z.object({
  bootId: z.string(),
  bootedAt: z.number(),
  downSince: z.number().optional(),
  wipes: z.number().optional(),
})

/** The record of a simulated machine in a file: ending its process is not a reboot. */
export function machineFile(path: string): MachineDisk {
  return {
    async read() {
      try {
        return Stored.parse(JSON.parse(await readFile(path, 'utf8')))
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
    async write(record) {
      await mkdir(dirname(path), { recursive: true })
      await writeDurably(path, JSON.stringify(record))
    },
  }
}

/** The record of a machine that lives as long as its process. */
export function machineInMemory(): MachineDisk {
  let record: MachineRecord | undefined
  return {
    read: () => Promise.resolve(record),
    write(next) {
      record = next
      return Promise.resolve()
    },
  }
}
