import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { writeDurably } from '../adapters/durable-file.ts'
import { publicFiles } from '../adapters/system-files.ts'

/** The sequence of the last committed update: no older one is taken. It is outside of all that an update replaces. */
export interface FirmwareFloor {
  /** Undefined before the first commit. Rejects when it cannot be read: nothing may be installed then. */
  read(): Promise<number | undefined>
  /** Durable when it resolves. Never lowers it. */
  raise(sequence: number): Promise<void>
}

const Floor = z.object({ sequence: z.number().int().nonnegative() })

export function floorFile(path: string): FirmwareFloor {
  async function read(): Promise<number | undefined> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    })
    return text === undefined ? undefined : parse(text)
  }

  function parse(text: string): number {
    try {
      return Floor.parse(JSON.parse(text)).sequence
    } catch (error) {
      throw new Error(`${path} is damaged: what was committed last is not known`, { cause: error })
    }
  }

  return {
    read,
    async raise(sequence) {
      const floor = await read()
      // No secret: the agent reads what only root may write.
      if (floor === undefined || sequence > floor)
        await writeDurably(path, JSON.stringify({ sequence }), publicFiles)
    },
  }
}
