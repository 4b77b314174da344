import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runTool } from '../../../build/agent-package/run.ts'

/** A root of its own for dpkg, below which packages are installed as on an empty device. */
export interface PackageRoot {
  readonly folder: string
  at(file: string): string
  /** Runs dpkg on this root; resolves with what it printed. */
  dpkg(...args: string[]): Promise<string>
}

/** The maintainer scripts run without chroot and with DPKG_ROOT, so that neither root's rights nor a system are needed. */
export function emptyRoot(folder: string): PackageRoot {
  for (const name of ['info', 'updates', 'triggers'])
    mkdirSync(path.join(folder, 'var/lib/dpkg', name), { recursive: true })
  for (const name of ['status', 'available']) writeFileSync(path.join(folder, 'var/lib/dpkg', name), '')
  const forced = ['not-root', 'script-chrootless', 'depends', 'confold'].map((what) => `--force-${what}`)
  return {
    folder,
    at: (file) => path.join(folder, file),
    dpkg: (...args) => runTool('dpkg', [`--root=${folder}`, `--log=${folder}/dpkg.log`, ...forced, ...args]),
  }
}

export interface RunningAgent {
  /** Asks it to end; resolves with its exit code. */
  stop(): Promise<unknown>
}

/** Starts an installed agent, and resolves when it is connected. `before` are parameters of an emulator. */
export async function startInstalled(
  program: string,
  parameters: readonly string[],
  before: readonly string[] = [],
): Promise<RunningAgent> {
  const child = spawn(program, [...before, 'run', ...parameters], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  const connected = Promise.withResolvers<undefined>()
  let printed = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text
    if (printed.includes('"event":"connected"')) connected.resolve(undefined)
  })
  await Promise.race([
    connected.promise,
    ended.then(() => Promise.reject(new Error(`the agent ended: ${printed}`))),
  ])
  return {
    async stop() {
      child.kill('SIGTERM')
      const [code] = (await ended) as [unknown]
      return code
    },
  }
}
