import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { HubMessage, HubProcessOptions, HubReady } from '../../../local-hub/hub-messages.ts'

const entry = fileURLToPath(new URL('../../../local-hub/process-entry.ts', import.meta.url))

export interface HubProcess extends HubReady {
  readonly child: ChildProcess
  stop(): Promise<void>
}

/** The hub in a process of its own, started the way the app starts it. */
export async function startHubProcess(options: HubProcessOptions = {}): Promise<HubProcess> {
  const child = forkHub()
  child.send({ type: 'start', options })
  const message = await nextMessage(child)
  if (message.type === 'failed') throw new Error(message.message)
  return { ...message, child, stop: () => stopHub(child) }
}

export function forkHub(): ChildProcess {
  return fork(entry, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

export async function nextMessage(child: ChildProcess): Promise<HubMessage> {
  const [message] = (await once(child, 'message')) as [HubMessage]
  return message
}

async function stopHub(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = once(child, 'exit')
  child.send({ type: 'stop' })
  await exit
}
