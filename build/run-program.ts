import { spawn } from 'node:child_process'
import os from 'node:os'
import path from 'node:path'

/** The folder with package.json. */
export const projectFolder = path.join(import.meta.dirname, '..')

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a program in the project's folder and on this terminal, passes signals on to it, and resolves with its exit code. */
export function runProgram(
  command: string,
  args: readonly string[],
  { env }: RunOptions = {},
): Promise<number> {
  const child = spawn(command, args, { cwd: projectFolder, stdio: 'inherit', env: env ?? process.env })
  const forward = (signal: NodeJS.Signals): void => {
    // Ctrl-C in a terminal reaches the child by itself.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, forward)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, forward)
      resolve(code ?? 128 + os.constants.signals[signal ?? 'SIGTERM'])
    })
  })
}

/** Runs one of the project's own TypeScript programs on this Node. */
export function runScript(file: string, args: readonly string[]): Promise<number> {
  return runProgram(process.execPath, [path.join(projectFolder, file), ...args])
}
