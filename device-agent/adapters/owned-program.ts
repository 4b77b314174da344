import { stat } from 'node:fs/promises'

/** Says why a program must not be run by the agent; undefined when it may. */
export async function problemOfProgram(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return 'is not there'
  if (!found.isFile()) return 'is no file'
  // Windows keeps its permissions elsewhere.
  if (process.platform === 'win32') return undefined
  if ((found.mode & 0o111) === 0) return 'is not executable'
  if ((found.mode & 0o022) !== 0) return 'can be changed by others than its owner: chmod go-w it'
  const isTrusted = found.uid === 0 || found.uid === process.getuid?.()
  return isTrusted ? undefined : 'belongs to another user: chown root it'
}
