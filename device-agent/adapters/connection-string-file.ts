import { open, stat } from 'node:fs/promises'
import { problemOfConnectionString } from '../connection-string.ts'
import { writeDurably } from './durable-file.ts'

/** No connection string of a hub is longer. */
const longestBytes = 8192

/** Reads a connection string; rejects with the part that it lacks, and never with what it holds. */
export async function readConnectionStringFile(path: string): Promise<string> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(longestBytes))
    return validConnectionString(buffer.toString('utf8', 0, bytesRead))
  } finally {
    await file.close()
  }
}

export function validConnectionString(text: string): string {
  const problem = problemOfConnectionString(text)
  if (problem !== undefined) throw new Error(problem)
  return text.trim()
}

/** Whether every user of the machine may read the file. Windows keeps its permissions elsewhere. */
export async function isReadableByOthers(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false
  return ((await stat(path)).mode & 0o004) !== 0
}

/** Puts a connection string where only the owner of the file can read it. */
export async function writeConnectionStringFile(path: string, connectionString: string): Promise<void> {
  await writeDurably(path, `${connectionString}\n`)
}
