import { realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Says why a program must not be run by the agent; undefined when it may. */
export async function problemOfProgram(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return 'is not there'
  if (!found.isFile()) return 'is no file'
  // Windows keeps its permissions elsewhere.
  if (process.platform === 'win32') return undefined
  if ((found.mode & 0o111) === 0) return 'is not executable'
  return problemOfOwner(found)
}

/**
 * Says why something that root acts upon could be changed by another user: the file, or a folder above it. Undefined
 * when nobody else can; what is not there can only be made by whoever may write above it.
 */
export async function problemOfPlace(path: string): Promise<string | undefined> {
  // What a link on the way leads to counts as well as where it is.
  const real = await realpath(path).catch(() => path)
  for (const place of new Set([...placesTo(path), ...placesTo(real)])) {
    const found = await stat(place).catch(() => undefined)
    if (found === undefined) continue
    // In such a folder, as /tmp is one, everyone may add, and nobody may replace what is another's.
    const isSticky = found.isDirectory() && (found.mode & 0o1000) !== 0
    const problem = problemOfOwner(isSticky ? { mode: 0, uid: found.uid } : found)
    if (problem !== undefined) return place === path ? problem : `is in ${place}, which ${problem}`
  }
  return undefined
}

function placesTo(path: string): string[] {
  const above = dirname(path)
  return above === path ? [path] : [path, ...placesTo(above)]
}

function problemOfOwner({ mode, uid }: { readonly mode: number; readonly uid: number }): string | undefined {
  if ((mode & 0o022) !== 0) return 'can be changed by others than its owner: chmod go-w it'
  return uid === 0 || uid === process.getuid?.() ? undefined : 'belongs to another user: chown root it'
}
