import { fork, type ChildProcess } from 'node:child_process'
import { on, once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { JournalCheck } from '../../../contract/app/journal.ts'
import type { Target } from '../../../contract/app/target.ts'
import type { HubProcess } from '../../conformance/support/hub-process.ts'
import type { Told } from './core-program.ts'

const program = fileURLToPath(new URL('core-program.ts', import.meta.url))

/** The core of the app in a process of its own, with all of its real adapters, on that hub. */
export function startCore(hub: HubProcess, task: Omit<Told, 'access'>): ChildProcess {
  const { hostName, httpsPort, caCertificate, connectionString } = hub
  const told: Told = { access: { hostName, httpsPort, caCertificate, connectionString }, ...task }
  return fork(program, {
    // The next life need not compile everything anew.
    env: {
      ...process.env,
      TOLD: JSON.stringify(told),
      NODE_COMPILE_CACHE: join(task.dataFolder, 'compiled'),
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

/** What the program says of itself: that it has `started`, or which `targets` it found in the end. */
export interface Said {
  readonly started: { readonly started: string }
  readonly targets: {
    readonly actionId: string
    readonly targets: readonly Target[]
    readonly journal: JournalCheck
  }
}

export async function untilSaid<K extends keyof Said>(child: ChildProcess, what: K): Promise<Said[K]> {
  const messages = on(child, 'message', { close: ['exit'] }) as AsyncIterable<[Said[K]]>
  for await (const [message] of messages) if (what in message) return message
  throw new Error('The program has ended.')
}

export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
