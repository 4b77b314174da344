import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Program {
  readonly path: string
  readonly parameters: readonly string[]
  /** All of its environment beside the way to other programs: nothing of the agent's own leaks into it. */
  readonly environment: Readonly<Record<string, string>>
  readonly folder?: string
  /** It is ended, with all that it has started, when it takes longer. */
  readonly timeoutMs: number
  readonly onLine?: (line: string) => void
}

export type ProgramEnd =
  | { readonly kind: 'exit'; readonly code: number; readonly lastWords: string }
  | { readonly kind: 'late' }
  /** It could not be started, or a signal ended it. */
  | { readonly kind: 'broken'; readonly reason: string }

const longestWords = 300

/** Runs a program to its end. Rejects only when aborted; the program is ended then. */
export async function runProgram(program: Program, signal: AbortSignal): Promise<ProgramEnd> {
  signal.throwIfAborted()
  const child = spawn(program.path, [...program.parameters], {
    ...(program.folder !== undefined && { cwd: program.folder }),
    // A group of its own: what it has started ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C.UTF-8',
      ...program.environment,
    },
  })
  const late = AbortSignal.timeout(program.timeoutMs)
  const end = () => {
    endGroup(child)
  }
  for (const reason of [signal, late]) reason.addEventListener('abort', end, { once: true })
  const words = listen(child, program.onLine)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    signal.throwIfAborted()
    if (late.aborted) return { kind: 'late' }
    if (code === null) return { kind: 'broken', reason: 'it was ended by a signal' }
    return { kind: 'exit', code, lastWords: words.last }
  } catch (error) {
    signal.throwIfAborted()
    return { kind: 'broken', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    for (const reason of [signal, late]) reason.removeEventListener('abort', end)
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

/** What it says last on stderr is its reason, if it needs one. */
function listen(child: ChildProcess, onLine: ((line: string) => void) | undefined): { last: string } {
  const words = { last: '' }
  eachLine(child.stdout, (line) => onLine?.(line))
  eachLine(child.stderr, (line) => {
    if (line.trim() !== '') words.last = line.trim().slice(0, longestWords)
  })
  return words
}

function eachLine(stream: ChildProcess['stdout'], listener: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', listener)
}
