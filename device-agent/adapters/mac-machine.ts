import { arch, release, uptime } from 'node:os'
import type { Machine } from '../ports/machine.ts'
import { orderInTurn, type CommandLine, type SystemParts } from './system-parts.ts'

const sysctl = '/usr/sbin/sysctl'
const rebootCommand: CommandLine = ['/sbin/shutdown', '-r', 'now']
const forceCommand: CommandLine = ['/sbin/reboot', '-q']

/** A macOS. Its kernel makes a UUID for each boot, which no clock has a part in. */
export function macMachine(parts: SystemParts): Machine {
  return {
    platform: `macos/${arch()}`,
    refusal: undefined,
    bootId: async () => bootIdIn(await parts.run(sysctl, ['-n', 'kern.bootsessionuuid'])),
    bootedAt: () => Promise.resolve(new Date(Date.now() - uptime() * 1000)),
    firmwareVersion: () => versionOf(parts),
    reboot: () => orderInTurn(parts, 'reboot', [rebootCommand]),
    forceReboot: () => orderInTurn(parts, 'reboot-force', [forceCommand]),
    ...(parts.reset && { reset: parts.reset }),
  }
}

/** In the words of a person; undefined when there is none. */
export function wayToRebootMac({ exists }: SystemParts): string | undefined {
  return exists(rebootCommand[0]) ? rebootCommand.join(' ') : undefined
}

/** Throws when the kernel told anything but a UUID that means something. */
export function bootIdIn(answer: string): string {
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.exec(answer.trim())?.[0]
  if (uuid === undefined || /^[0-]+$/.test(uuid)) throw new Error('the kernel tells no kern.bootsessionuuid')
  return uuid.toLowerCase()
}

async function versionOf({ run }: SystemParts): Promise<string> {
  const version = await run('/usr/bin/sw_vers', ['-productVersion']).catch(() => '')
  return /^[\d.]+$/.test(version.trim()) ? `macOS ${version.trim()}` : `Darwin ${release()}`
}
