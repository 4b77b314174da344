import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Log } from '../ports/log.ts'

export interface ServiceManagerParts {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Rejects when the program is missing or fails. */
  readonly run: (program: string, parameters: readonly string[]) => Promise<unknown>
  readonly log: Log
}

/** What systemd wants to know of a service of `Type=notify`; says nothing where no systemd asks. */
export interface ServiceManager {
  ready(): void
  stopping(): void
}

/**
 * Tells systemd that the agent is up, and three times within its watchdog's time that it is still alive: a process
 * whose event loop hangs says nothing and is started again. Node has no datagram sockets, so systemd's own program
 * carries the words, see sd_notify(3).
 */
export function serviceManager(parts: ServiceManagerParts, signal: AbortSignal): ServiceManager {
  const { environment, run, log } = parts
  if (environment['NOTIFY_SOCKET'] === undefined) return { ready: () => undefined, stopping: () => undefined }

  function tell(word: string): void {
    run('systemd-notify', [word]).catch((error: unknown) => {
      log('not-notified', { word, problem: error instanceof Error ? error.message : String(error) })
    })
  }
  const watchdogMs = Number(environment['WATCHDOG_USEC'] ?? 0) / 1000
  if (watchdogMs > 0) {
    const pulse = setInterval(() => {
      tell('WATCHDOG=1')
    }, watchdogMs / 3)
    signal.addEventListener('abort', () => {
      clearInterval(pulse)
    })
  }
  return {
    ready: () => {
      tell('READY=1')
    },
    stopping: () => {
      tell('STOPPING=1')
    },
  }
}

export function systemServiceManager(log: Log, signal: AbortSignal): ServiceManager {
  const execute = promisify(execFile)
  const run = (program: string, parameters: readonly string[]) =>
    execute(program, [...parameters], { timeout: 10_000 })
  return serviceManager({ environment: process.env, run, log }, signal)
}
