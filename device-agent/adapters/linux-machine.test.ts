import { describe, expect, test } from 'vitest'
import { linuxMachine, wayToRebootLinux } from './linux-machine.ts'
import type { SystemParts } from './system-parts.ts'

const files: Readonly<Record<string, string>> = {
  '/proc/sys/kernel/random/boot_id': 'c0ffee00-0000-4000-8000-000000000000\n',
  '/proc/stat': 'cpu  1 2 3\nbtime 1767225600\nprocesses 4\n',
  '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12"\nVERSION_ID="12"\nID=debian\n',
}

interface System extends SystemParts {
  readonly commands: string[]
}

/** A Linux of these files on which these programs are missing or fail. */
function system(
  changes: Partial<SystemParts> & { extra?: Record<string, string>; failing?: string[] } = {},
): System {
  const commands: string[] = []
  const all = { ...files, ...changes.extra }
  return {
    commands,
    platform: 'linux',
    environment: {},
    exists: () => false,
    read: (path) => {
      const text = all[path]
      return text === undefined ? Promise.reject(new Error(`no ${path}`)) : Promise.resolve(text)
    },
    run: (program, parameters) => {
      commands.push([program, ...parameters].join(' '))
      const fails = changes.failing?.includes(program) ?? false
      return fails ? Promise.reject(new Error(`${program} says no\nat length`)) : Promise.resolve('')
    },
    ...changes,
  }
}

test("the boot id and the boot time are the kernel's", async () => {
  const machine = linuxMachine(system())
  expect(await machine.bootId()).toBe('c0ffee00-0000-4000-8000-000000000000')
  expect(await machine.bootedAt()).toEqual(new Date('2026-01-01T00:00:00Z'))
})

describe('the firmware version', () => {
  test('is that of the image where there is one', async () => {
    const extra = { '/etc/os-release': 'ID=poky\nVERSION_ID=5\nIMAGE_VERSION="2.4.1"\n' }
    expect(await linuxMachine(system({ extra })).firmwareVersion()).toBe('2.4.1')
  })

  test('is that of the distribution otherwise', async () => {
    expect(await linuxMachine(system()).firmwareVersion()).toBe('debian 12')
  })

  test('is that of the kernel where nothing else is known', async () => {
    expect(await linuxMachine(system({ extra: { '/etc/os-release': '' } })).firmwareVersion()).toMatch(
      /^linux \S/,
    )
  })
})

describe('a reboot', () => {
  test('is ordered from systemd', async () => {
    const linux = system()
    await linuxMachine(linux).reboot('because')
    expect(linux.commands).toEqual(['systemctl --no-ask-password reboot'])
  })

  test('is ordered otherwise where there is no systemd', async () => {
    const linux = system({ failing: ['systemctl', 'shutdown'] })
    await linuxMachine(linux).reboot('because')
    expect(linux.commands).toEqual(['systemctl --no-ask-password reboot', 'shutdown -r now', 'reboot'])
  })

  test('by force does not wait for services', async () => {
    const linux = system({ failing: ['systemctl'] })
    await linuxMachine(linux).forceReboot?.('because')
    expect(linux.commands).toEqual(['systemctl --no-ask-password --force reboot', 'reboot -f'])
  })

  test('never passes on the words of the caller', async () => {
    const linux = system({ failing: ['systemctl', 'shutdown'] })
    await linuxMachine(linux).reboot('--halt; rm -rf /')
    expect(linux.commands.join()).not.toContain('--halt')
  })

  test('that nothing can do is refused with what each one said', async () => {
    const linux = system({ failing: ['systemctl', 'shutdown', 'reboot'] })
    await expect(linuxMachine(linux).reboot('because')).rejects.toThrow(
      'systemctl: systemctl says no; shutdown: shutdown says no; reboot: reboot says no',
    )
  })
})

describe('a container', () => {
  test.each(['/.dockerenv', '/run/.containerenv', '/run/systemd/container'])('is known by %s', (mark) => {
    expect(linuxMachine(system({ exists: (path) => path === mark })).refusal).toContain('container')
  })

  test.each(['container', 'KUBERNETES_SERVICE_HOST'])('is known by the variable %s', (name) => {
    expect(linuxMachine(system({ environment: { [name]: 'yes' } })).refusal).toContain('container')
  })

  test('is nothing else', () => {
    expect(linuxMachine(system()).refusal).toBeUndefined()
  })
})

describe('a privileged helper', () => {
  test('is asked first, and nothing else is run', async () => {
    const asked: string[] = []
    const helper = (verb: string) => Promise.resolve(void asked.push(verb))
    const linux = system({ helper })
    await linuxMachine(linux).reboot('because')
    await linuxMachine(linux).forceReboot?.('because')
    expect(asked).toEqual(['reboot', 'reboot-force'])
    expect(linux.commands).toEqual([])
  })

  test('that fails is named beside the commands that fail after it', async () => {
    const helper = () => Promise.reject(new Error('it hung up'))
    const linux = system({ helper, failing: ['systemctl', 'shutdown', 'reboot'] })
    await expect(linuxMachine(linux).reboot('because')).rejects.toThrow(
      'helper: it hung up; systemctl: systemctl says no',
    )
  })
})

describe('the way to reboot', () => {
  const having = (...paths: string[]) => ({ exists: (path: string) => paths.includes(path) })

  test('is the helper where there is one', () => {
    expect(wayToRebootLinux(system({ helper: () => Promise.resolve() }))).toBe('the privileged helper')
  })

  test('is the first command that this machine has', () => {
    expect(wayToRebootLinux(system(having('/sbin/reboot', '/usr/sbin/shutdown')))).toBe('shutdown -r now')
    expect(wayToRebootLinux(system({ ...having('/own/reboot'), environment: { PATH: '/bin:/own' } }))).toBe(
      'reboot',
    )
  })

  test('is none where nothing is there', () => {
    expect(wayToRebootLinux(system())).toBeUndefined()
  })
})
