import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { DeviceActionId } from '../../contract/device/method.ts'
import { writeDurably } from '../adapters/durable-file.ts'
import { FirmwareRequest } from './plan.ts'

/** What root knows of the last update that it has begun, whatever the agent says of it. */
export const Installation = z.object({
  actionId: z.string(),
  /** The SHA-256 of the signed manifest. */
  release: z.string(),
  module: z.string(),
  version: z.string(),
  sha256: z.string(),
  size: z.number(),
  sequence: z.number(),
  /** Only what was installed as a whole can be committed, and what was committed not be taken back. */
  state: z.enum(['installing', 'installed', 'committed', 'rolledBack']),
})
export type Installation = z.infer<typeof Installation>

/** An update as the agent's record has it. */
export const AskedUpdate = z.object({ actionId: DeviceActionId, request: FirmwareRequest })
export type AskedUpdate = z.infer<typeof AskedUpdate>

export interface InstallationFile {
  /** Undefined before the first one. Rejects when it cannot be read. */
  read(): Promise<Installation | undefined>
  /** Durable when it resolves. */
  write(installation: Installation): Promise<void>
}

export function installationFile(path: string): InstallationFile {
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      })
      return text === undefined ? undefined : Installation.parse(JSON.parse(text))
    },
    write: (installation) => writeDurably(path, JSON.stringify(installation)),
  }
}

export function releaseOf({ manifest = '' }: FirmwareRequest): string {
  return createHash('sha256').update(manifest).digest('hex')
}

export function isOf(installation: Installation, { actionId, request }: AskedUpdate): boolean {
  return installation.actionId === actionId && installation.release === releaseOf(request)
}
