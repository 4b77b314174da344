import { arch, release } from 'node:os'
import { join } from 'node:path'
import type { Machine } from '../ports/machine.ts'
import { orderInTurn, type CommandLine, type SystemParts } from './system-parts.ts'

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

export function linuxMachine(parts: SystemParts): Machine {
  return {
    platform: `linux/${arch()}`,
    refusal: isContainer(parts)
      ? 'unprovable: this agent runs in a container, and can neither reboot its host nor prove it'
      : undefined,
    bootId: async () => (await parts.read('/proc/sys/kernel/random/boot_id')).trim(),
    bootedAt: async () => bootTimeOf(await parts.read('/proc/stat')),
    firmwareVersion: () => firmwareVersion(parts),
    reboot: () => orderInTurn(parts, 'reboot', rebootCommands),
    ...(parts.reset && { reset: parts.reset }),
    forceReboot: () => orderInTurn(parts, 'reboot-force', forceCommands),
  }
}

/** The boot id seen in a container is the host's. */
function isContainer({ exists, environment }: SystemParts): boolean {
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
async function firmwareVersion({ read }: SystemParts): Promise<string> {
  const osRelease = await read('/etc/os-release').catch(() => '')
  const value = (name: string) => new RegExp(`^${name}=["']?([^"'\\n]*)["']?$`, 'm').exec(osRelease)?.[1]
  const distribution = [value('ID'), value('VERSION_ID')].filter((part) => part !== undefined).join(' ')
  return value('IMAGE_VERSION') ?? (distribution === '' ? `linux ${release()}` : distribution)
}

export function wayToRebootLinux({ helper, exists, environment }: SystemParts): string | undefined {
  if (helper !== undefined) return 'the privileged helper'
  const folders = (environment['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin').split(':')
  const found = rebootCommands.find(([program]) => folders.some((folder) => exists(join(folder, program))))
  return found?.join(' ')
}
