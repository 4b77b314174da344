import { spawn, type ChildProcess } from 'node:child_process'
import { z } from 'zod'
import { Json } from '../domain/agent-state.ts'
import type { CommandCall, CommandResult } from '../ports/command-program.ts'

/** The longest answer that a hub takes. */
const longestOutput = 128 * 1024

/** How long a program that was asked to end may take to do so. */
const graceMs = 5_000

/** How long the rest of an answer may take to arrive after the end of the program. */
const lingerMs = 500

const Progress = z.strictObject({ progress: Json })

export interface CommandFile {
  readonly path: string
  readonly name: string
}

/**
 * Runs a program with its input as JSON on stdin. A line of its output that is `{"progress": ...}` tells of progress;
 * all the rest together is its answer, as JSON. It gets no environment but PATH, and no shell is between.
 */
export async function runCommandProgram(file: CommandFile, call: CommandCall): Promise<CommandResult> {
  const child = spawn(file.path, [], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: environmentFor(file, call),
    // A group of its own, so that what it started ends with it.
    detached: process.platform !== 'win32',
  })
  const stop = stopper(child)
  const timer = setTimeout(() => {
    stop.because({ kind: 'timed-out', reason: `it took longer than ${call.timeoutMs / 1000} s` })
  }, call.timeoutMs)
  const onAbort = () => {
    stop.because({ kind: 'failed', reason: 'the agent stopped it' })
  }
  call.signal.addEventListener('abort', onAbort, { once: true })
  if (call.signal.aborted) onAbort()
  const output = collect(child, call, stop)
  // A program that does not read its input is none the worse for it.
  child.stdin.on('error', () => undefined)
  child.stdin.end(`${JSON.stringify(call.input)}\n`)
  try {
    const ended = await whenEnded(child)
    return resultOf(stop.reason ?? ended, output.text())
  } finally {
    clearTimeout(timer)
    stop.over()
    call.signal.removeEventListener('abort', onAbort)
  }
}

function environmentFor({ name }: CommandFile, { actionId }: CommandCall): NodeJS.ProcessEnv {
  const { PATH = '/usr/sbin:/usr/bin:/sbin:/bin' } = process.env
  return { PATH, DROVER_METHOD: name, ...(actionId !== undefined && { DROVER_ACTION_ID: actionId }) }
}

interface Stopper {
  /** Ends the program; the first reason counts. */
  because(reason: CommandResult): void
  readonly reason: CommandResult | undefined
  over(): void
}

function stopper(child: ChildProcess): Stopper {
  let first: CommandResult | undefined
  let grace: NodeJS.Timeout | undefined
  return {
    because(reason) {
      if (first !== undefined) return
      first = reason
      signalGroup(child, 'SIGTERM')
      grace = setTimeout(() => {
        signalGroup(child, 'SIGKILL')
      }, graceMs)
    },
    get reason() {
      return first
    },
    over() {
      clearTimeout(grace)
    },
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, signal)
  } catch {
    // It is gone already.
  }
}

/** Gathers what is no progress, and ends a program that says too much. */
function collect(child: ChildProcess, { onProgress }: CommandCall, stop: Stopper) {
  let size = 0
  let line = ''
  const rest: string[] = []
  const take = (text: string) => {
    const progress = progressIn(text)
    if (progress === undefined) rest.push(text)
    else onProgress(progress)
  }
  child.stdout?.setEncoding('utf8')
  child.stdout?.on('data', (chunk: string) => {
    size += Buffer.byteLength(chunk)
    if (size > longestOutput) {
      stop.because({ kind: 'failed', reason: `it answered more than ${longestOutput / 1024} KB` })
      return
    }
    const lines = (line + chunk).split('\n')
    line = lines.pop() ?? ''
    lines.forEach(take)
  })
  return {
    text() {
      take(line)
      return rest.join('\n').trim()
    },
  }
}

function progressIn(line: string): Json | undefined {
  return line.startsWith('{') ? Progress.safeParse(parsed(line)).data?.progress : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function whenEnded(child: ChildProcess): Promise<CommandResult> {
  return new Promise((resolve) => {
    child.once('exit', () => {
      // Something that it left running in the background may hold its output open for ever.
      setTimeout(() => child.stdout?.destroy(), lingerMs).unref()
    })
    child.once('error', (error) => {
      resolve({
        kind: 'failed',
        reason: `it did not start: ${'code' in error ? String(error.code) : error.name}`,
      })
    })
    child.once('close', (code, signal) => {
      resolve(
        code === 0
          ? { kind: 'done' }
          : { kind: 'failed', reason: `it ended with ${code ?? signal ?? 'an error'}` },
      )
    })
  })
}

function resultOf(result: CommandResult, text: string): CommandResult {
  if (text === '') return result
  const output = Json.safeParse(parsed(text)).data
  if (output !== undefined) return { ...result, output }
  return result.kind === 'done' ? { kind: 'failed', reason: 'its answer is no JSON' } : result
}
