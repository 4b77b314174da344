import { arch, release, uptime, version } from 'node:os'
import type { Machine } from '../ports/machine.ts'
import { orderInTurn, type CommandLine, type SystemParts } from './system-parts.ts'

const counterKey =
  'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management\\PrefetchParameters'

/**
 * A Windows. Its boot id is the number that it counts its starts with, in the registry: what WMI knows is the time of
 * the last start, which is reckoned from the wall clock, and another one after somebody has set that.
 */
export function windowsMachine(parts: SystemParts): Machine {
  return {
    platform: `windows/${arch()}`,
    refusal: undefined,
    async bootId() {
      return bootIdIn(await parts.run(program(parts, 'reg'), ['query', counterKey, '/v', 'BootId']))
    },
    bootedAt: () => Promise.resolve(new Date(Date.now() - uptime() * 1000)),
    firmwareVersion: () => Promise.resolve(`${version()} ${release()}`),
    reboot: () => orderInTurn(parts, 'reboot', [rebootCommand(parts)]),
    // Programs that do not end are ended.
    forceReboot: () => orderInTurn(parts, 'reboot-force', [[...rebootCommand(parts), '/f']]),
    ...(parts.reset && { reset: parts.reset }),
  }
}

/** In the words of a person; undefined when there is none. */
export function wayToRebootWindows(parts: SystemParts): string | undefined {
  const command = rebootCommand(parts)
  return parts.exists(command[0]) ? command.join(' ') : undefined
}

/** Throws when the registry was answered with anything but a counter that has begun. */
export function bootIdIn(answer: string): string {
  const digits = /^\s+BootId\s+REG_DWORD\s+0x([0-9a-f]{1,8})\s*$/im.exec(answer)?.[1]
  const count = Number.parseInt(digits ?? '0', 16)
  if (count === 0) throw new Error('the registry does not count the starts of this Windows')
  return `boot-${count}`
}

function rebootCommand(parts: SystemParts): CommandLine {
  return [program(parts, 'shutdown'), '/r', '/t', '0']
}

/** By its whole path: Windows would look into the present folder first. */
function program({ environment }: SystemParts, name: string): string {
  return `${environment['SystemRoot'] ?? 'C:\\Windows'}\\System32\\${name}.exe`
}
