import { mkdir } from 'node:fs/promises'
import { ChangeLog } from './change-log.ts'
import { valuesOf } from './change.ts'
import { DataFolderUnusable } from './data-folder-unusable.ts'
import { lockFolder } from './folder-lock.ts'
import type { HubData } from './hub-data.ts'
import { identityOf, keptIdentity, newIdentity } from './hub-identity.ts'
import type { HubIdentity, KeptIdentity } from './hub-identity.ts'
import { keepHub } from './keep-hub.ts'

export interface HubDataOptions {
  readonly hostName: string | undefined
  /** Hears that the disk failed, after which the hub answers nothing any more. */
  readonly onFailure: (error: unknown) => void
}

/** A hub that goes on where the last one on this folder stopped. Throws RangeError, DataFolderUnusable. */
export async function dataInFolder(folder: string, options: HubDataOptions): Promise<HubData> {
  const unlock = await claim(folder)
  try {
    const log = await ChangeLog.open({ folder, onFailure: options.onFailure })
    return {
      identity: await identityIn(log, options.hostName),
      durability: log,
      keep: (parts) => keepHub(parts, log),
      async close() {
        await log.close()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Throws DataFolderUnusable. */
async function claim(folder: string): Promise<() => void> {
  try {
    // It holds the keys of the hub and of every device.
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return await lockFolder(folder)
  } catch (cause) {
    if (cause instanceof DataFolderUnusable) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new DataFolderUnusable(`The folder ${folder} cannot be used: ${reason}`, { cause })
  }
}

async function identityIn(log: ChangeLog, hostName: string | undefined): Promise<HubIdentity> {
  const [kept] = [...valuesOf(log.kept, 'identity')] as KeptIdentity[]
  if (kept) return identityOf(kept, hostName)
  const identity = await newIdentity(hostName)
  log.put({ kind: 'identity', key: 'hub', value: keptIdentity(identity) })
  await log.settled()
  return identity
}
