import { fork, type ChildProcess } from 'node:child_process'
import type { ForkOptions, UtilityProcess } from 'electron'
import { Events } from '../events.ts'
import { strictly } from '../strict.ts'
import type { Part } from './part.ts'

const parentPort = new URL('../parent-port.ts', import.meta.url).href

export function forkUtilityProcess(
  modulePath: string,
  args: string[] = [],
  options: ForkOptions = {},
): UtilityProcessPart {
  return strictly('utilityProcess', new LookAlikeUtilityProcess(modulePath, args, options))
}

type UtilityProcessPart = Part<UtilityProcess, 'on' | 'once' | 'postMessage' | 'kill' | 'pid'>

/** A child process of Node, with `process.parentPort` as Electron's utility processes have it. */
export class LookAlikeUtilityProcess implements Part<
  UtilityProcess,
  'on' | 'once' | 'postMessage' | 'kill' | 'pid'
> {
  readonly #events = new Events('UtilityProcess', ['exit', 'message', 'spawn'])
  readonly on = this.#events.on
  readonly once = this.#events.once
  readonly #child: ChildProcess

  constructor(modulePath: string, args: string[], { env, cwd, execArgv = [] }: ForkOptions) {
    this.#child = fork(modulePath, args, {
      env: (env as NodeJS.ProcessEnv | undefined) ?? process.env,
      ...(cwd === undefined ? {} : { cwd }),
      execArgv: [...execArgv, `--import=${parentPort}`],
      serialization: 'advanced',
    })
    this.#child.on('spawn', () => this.#events.emit('spawn'))
    this.#child.on('message', (message) => this.#events.emit('message', message))
    this.#child.on('exit', (code) => this.#events.emit('exit', code ?? 1))
    // A message to a child that has just ended is lost, as it is in Electron; its `exit` tells.
    this.#child.on('error', () => undefined)
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null ? this.#child.pid : undefined
  }

  postMessage(message: unknown): void {
    if (this.#child.connected) this.#child.send(message as object)
  }

  kill(): boolean {
    return this.#child.kill()
  }
}
