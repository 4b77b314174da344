import { lstat, open, readdir, realpath, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isWithin, problemOfWipe, type OwnPaths, type WipeSet } from '../domain/wipe-set.ts'
import { messageOf } from '../message-of.ts'

/**
 * Empties folders and removes files, but for what is kept. What is gone already is no problem, so that a wipe that was
 * cut short is simply done again. Links are removed, never followed. Rejects with what could not be removed.
 */
export async function wipe(set: WipeSet, own: Pick<OwnPaths, 'stateFolder'>): Promise<void> {
  const problems: string[] = []
  for (const path of set.wipe) {
    const real = await realpath(path).catch(ignoreAbsent)
    if (real === undefined) continue
    // The configuration was checked, but a link in it can lead anywhere by now.
    const problem = problemOfWipe(path, own) ?? problemOfWipe(real, own)
    if (problem === undefined) await empty(real, await keptIn(set), problems)
    else problems.push(`${path} ${problem}`)
  }
  const [first] = problems
  if (first !== undefined) {
    throw new Error(problems.length === 1 ? first : `${first}; and ${problems.length - 1} more`)
  }
}

async function keptIn({ keep }: WipeSet): Promise<readonly string[]> {
  const real = await Promise.all(keep.map((path) => realpath(path).catch(ignoreAbsent)))
  return [...keep, ...real.filter((path) => path !== undefined)]
}

/** A folder stays and loses what is in it; anything else goes. Durable when it resolves. */
async function empty(path: string, keep: readonly string[], problems: string[]): Promise<void> {
  const found = await lstat(path).catch(ignoreAbsent)
  if (found === undefined) return
  if (!found.isDirectory()) {
    await remove(path, keep, problems)
    await syncFolder(dirname(path))
    return
  }
  const names = await readdir(path)
  for (const name of names) await remove(join(path, name), keep, problems)
  await syncFolder(path)
}

async function remove(path: string, keep: readonly string[], problems: string[]): Promise<void> {
  if (keep.some((kept) => isWithin(path, kept))) return
  if (keep.some((kept) => isWithin(kept, path))) {
    await empty(path, keep, problems)
    return
  }
  await rm(path, { recursive: true, force: true }).catch((error: unknown) => {
    problems.push(messageOf(error))
  })
}

/** What was removed may come back with the power, unless its folder is written. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function ignoreAbsent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
