import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { arch, release } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { FactoryReset, Machine } from '../ports/machine.ts'
import { askHelper, type HelperVerb } from './privileged-helper.ts'

export interface LinuxParts {
  /** Reads a file below the root, as text. */
  readonly read: (path: string) => Promise<string>
  readonly exists: (path: string) => boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Rejects when the program is missing or fails. */
  readonly run: (program: string, parameters: readonly string[]) => Promise<unknown>
  /** The privileged helper, where it is installed: the agent's own user may not reboot. */
  readonly helper?: ((verb: HelperVerb) => Promise<void>) | undefined
  /** The factory reset that is set up. */
  readonly reset?: FactoryReset | undefined
}

type CommandLine = readonly [program: string, ...parameters: string[]]

/** Tried in this order: the first one that a system has and that does not fail does it. */
const rebootCommands: readonly CommandLine[] = [
  ['systemctl', '--no-ask-password', 'reboot'],
  ['shutdown', '-r', 'now'],
  ['reboot'],
]

/** These do not wait for services that do not end; file systems are still unmounted or synced. */
const forceCommands: readonly CommandLine[] = [
  ['systemctl', '--no-ask-password', '--force', 'reboot'],
  ['reboot', '-f'],
]

const containerMarks = ['/.dockerenv', '/run/.containerenv', '/run/systemd/container']

const commandTimeoutMs = 60_000

export function linuxMachine(parts: LinuxParts): Machine {
  return {
    platform: `linux/${arch()}`,
    refusal: isContainer(parts)
      ? 'unprovable: this agent runs in a container, and can neither reboot its host nor prove it'
      : undefined,
    bootId: async () => (await parts.read('/proc/sys/kernel/random/boot_id')).trim(),
    bootedAt: async () => bootTimeOf(await parts.read('/proc/stat')),
    firmwareVersion: () => firmwareVersion(parts),
    reboot: () => order(parts, 'reboot', rebootCommands),
    ...(parts.reset && { reset: parts.reset }),
    forceReboot: () => order(parts, 'reboot-force', forceCommands),
  }
}

export function thisSystem(helperSocket: string): LinuxParts {
  const execute = promisify(execFile)
  return {
    helper: existsSync(helperSocket) ? (verb) => askHelper(helperSocket, verb) : undefined,
    read: (path) => readFile(path, 'utf8'),
    exists: existsSync,
    environment: process.env,
    run: (program, parameters) => execute(program, [...parameters], { timeout: commandTimeoutMs }),
  }
}

/** The boot id seen in a container is the host's. */
function isContainer({ exists, environment }: LinuxParts): boolean {
  return (
    containerMarks.some((path) => exists(path)) ||
    environment['container'] !== undefined ||
    environment['KUBERNETES_SERVICE_HOST'] !== undefined
  )
}

function bootTimeOf(procStat: string): Date {
  const seconds = /^btime (\d+)$/m.exec(procStat)?.[1]
  if (seconds === undefined) throw new Error('/proc/stat has no btime')
  return new Date(Number(seconds) * 1000)
}

/** `IMAGE_VERSION` of os-release(5) is made for this; a system that is no image has the version of its distribution. */
async function firmwareVersion({ read }: LinuxParts): Promise<string> {
  const osRelease = await read('/etc/os-release').catch(() => '')
  const value = (name: string) => new RegExp(`^${name}=["']?([^"'\\n]*)["']?$`, 'm').exec(osRelease)?.[1]
  const distribution = [value('ID'), value('VERSION_ID')].filter((part) => part !== undefined).join(' ')
  return value('IMAGE_VERSION') ?? (distribution === '' ? `linux ${release()}` : distribution)
}

/** The way in which a reboot would be ordered first; undefined when there is none. */
export function wayToReboot({ helper, exists, environment }: LinuxParts): string | undefined {
  if (helper !== undefined) return 'the privileged helper'
  const folders = (environment['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin').split(':')
  const found = rebootCommands.find(([program]) => folders.some((folder) => exists(join(folder, program))))
  return found?.join(' ')
}

async function order(
  { run, helper }: LinuxParts,
  verb: HelperVerb,
  commands: readonly CommandLine[],
): Promise<void> {
  const direct = commands.map(([program, ...parameters]) => ({
    name: program,
    attempt: () => run(program, parameters),
  }))
  const ways = helper === undefined ? direct : [{ name: 'helper', attempt: () => helper(verb) }, ...direct]
  const refusals: string[] = []
  for (const { name, attempt } of ways) {
    try {
      await attempt()
      return
    } catch (error) {
      refusals.push(`${name}: ${error instanceof Error ? firstLine(error.message) : 'failed'}`)
    }
  }
  throw new Error(refusals.join('; '))
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
