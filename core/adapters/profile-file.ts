import { mkdir, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { HubSettings } from '../../contract/app/hub.ts'
import type { Log } from '../ports/log.ts'
import type { ProfileStore, StoredProfiles } from '../ports/profile-store.ts'
import { replaceFile } from './durable-file.ts'

const Stored = z.object({
  version: z.literal(1),
  hubs: z.array(
    z.object({
      hubId: z.string(),
      name: z.string(),
      hostName: z.string(),
      policyName: z.string(),
      addedAt: z.iso.datetime(),
      sealedConnectionString: z.string(),
      extraCa: z.string().optional(),
      settings: HubSettings.optional(),
    }),
  ),
  selected: z.string().optional(),
  local: HubSettings.optional(),
})

/** The saved hubs in one JSON file of this user's. */
export class ProfileFile implements ProfileStore {
  readonly #path: string
  readonly #log: Log

  constructor(path: string, log: Log) {
    this.#path = path
    this.#log = log
  }

  async load(): Promise<StoredProfiles> {
    const text = await readIfThere(this.#path)
    if (text === undefined) return { hubs: [] }
    const stored = Stored.safeParse(parseJson(text))
    if (stored.success) return stored.data

    // A person may want to mend it by hand, so a damaged file is set aside, not overwritten.
    const aside = `${this.#path}.damaged`
    await rename(this.#path, aside)
    this.#log.warn('profiles-damaged', { setAside: aside })
    return { hubs: [] }
  }

  async save({ hubs, selected, local }: StoredProfiles): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true })
    await replaceFile(this.#path, `${JSON.stringify({ version: 1, hubs, selected, local }, undefined, 2)}\n`)
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The schema refuses undefined, which is all that a damaged file says.
    return undefined
  }
}
