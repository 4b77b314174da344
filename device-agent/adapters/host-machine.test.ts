import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { check } from '../commands/check.ts'
import { toOptions } from '../options.ts'
import { startSimulatedDevice } from '../testing/simulated-device.ts'
import { hostOf } from './host-machine.ts'
import { bootIdIn as macBootIdIn } from './mac-machine.ts'
import { thisSystem, type SystemParts } from './system-parts.ts'
import { bootIdIn as windowsBootIdIn } from './windows-machine.ts'

const key =
  'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management\\PrefetchParameters'
/** As `reg query` of Windows 11 prints it. */
const registry = (value: string) => `\r\n${key}\r\n    BootId    REG_DWORD    ${value}\r\n\r\n`
const uuid = 'A2F1C0DE-7E55-4B0B-8B5D-0123456789AB'

describe('the boot id of a Windows', () => {
  test('is the number of its starts, and another one after each', () => {
    expect(windowsBootIdIn(registry('0x1f5'))).toBe('boot-501')
    expect(windowsBootIdIn(registry('0x1f6'))).toBe('boot-502')
    expect(windowsBootIdIn(registry('0xFFFFFFFF'))).toBe('boot-4294967295')
  })

  test.each([
    ['a counter that was never counted', registry('0x0')],
    ['a number that is none', registry('0xyz')],
    ['a value of another kind', registry('0x1f5').replace('DWORD', 'SZ')],
    ['another value', registry('0x1f5').replace('BootId', 'BaseTime')],
    ['a number that is too long', registry('0x1234567890')],
    ['an error', 'ERROR: The system was unable to find the specified registry key or value.\r\n'],
    ['nothing', ''],
  ])('is not read out of %s', (_, answer) => {
    expect(() => windowsBootIdIn(answer)).toThrow('does not count')
  })
})

describe('the boot id of a macOS', () => {
  test('is the UUID of its kernel', () => {
    expect(macBootIdIn(`${uuid}\n`)).toBe(uuid.toLowerCase())
  })

  test.each([
    ['zeros', '00000000-0000-0000-0000-000000000000\n'],
    ['a part of one', `${uuid.slice(0, 20)}\n`],
    ['more than one', `${uuid}\n${uuid}\n`],
    ['an error', "sysctl: unknown oid 'kern.bootsessionuuid'\n"],
    ['nothing', ''],
  ])('is not read out of %s', (_, answer) => {
    expect(() => macBootIdIn(answer)).toThrow('bootsessionuuid')
  })
})

/** A machine of that system, as far as its programs print what they print there. */
function system(platform: NodeJS.Platform, answers: Readonly<Record<string, string>>) {
  const commands: string[] = []
  const parts: SystemParts = {
    platform,
    environment: { SystemRoot: 'C:\\Windows' },
    exists: (path) => path in answers,
    read: (path) => Promise.reject(new Error(`ENOENT ${path}`)),
    run(program, parameters) {
      commands.push([program, ...parameters].join(' '))
      const answer = answers[program]
      return answer === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(answer)
    },
  }
  return { parts, commands }
}

const windows = {
  'C:\\Windows\\System32\\reg.exe': registry('0x7'),
  'C:\\Windows\\System32\\shutdown.exe': '',
}
const mac = {
  '/usr/sbin/sysctl': `${uuid}\n`,
  '/usr/bin/sw_vers': '15.6.1\n',
  '/sbin/shutdown': '',
  '/sbin/reboot': '',
}
const systems = [
  {
    named: 'a Windows',
    platform: 'win32',
    answers: windows,
    bootId: 'boot-7',
    orders: ['/r /t 0', '/r /t 0 /f'].map((how) => `C:\\Windows\\System32\\shutdown.exe ${how}`),
    reader: 'C:\\Windows\\System32\\reg.exe',
  },
  {
    named: 'a macOS',
    platform: 'darwin',
    answers: mac,
    bootId: uuid.toLowerCase(),
    orders: ['/sbin/shutdown -r now', '/sbin/reboot -q'],
    reader: '/usr/sbin/sysctl',
  },
] as const

describe.each(systems)('$named', ({ platform, answers, bootId, orders, reader }) => {
  test('tells its boot id and since when it is up, and reboots by its own commands', async () => {
    const { parts, commands } = system(platform, answers)
    const { machine, wayToReboot } = hostOf(parts)
    expect(await machine.bootId()).toBe(bootId)
    expect((await machine.bootedAt()).getTime()).toBeLessThan(Date.now())
    expect(await machine.firmwareVersion()).not.toBe('')
    expect(machine.refusal).toBeUndefined()
    commands.length = 0
    await machine.reboot('--because; reboot')
    await machine.forceReboot?.('because')
    expect(commands).toEqual(orders)
    expect(wayToReboot).toBe(orders[0])
  })

  test('whose boot id cannot be read proves nothing: an agent on it refuses to reboot', async () => {
    const unreadable = Object.fromEntries(Object.entries(answers).filter(([name]) => name !== reader))
    const { machine } = hostOf(system(platform, unreadable).parts)
    const device = await startSimulatedDevice({ bootId: () => machine.bootId() })
    expect(await device.reboot('a')).toMatchObject({ status: 501 })
    expect(await device.reboot('a')).toMatchObject({
      payload: { reason: expect.stringContaining('unprovable') as string },
    })
    expect(device.report().agent?.actions).not.toContain('reboot')
    await device.stop()
  })

  test('says in a check what would happen, and what cannot be proven', async () => {
    const options = toOptions({ 'state-dir': tmpdir() })
    const lockedBy = () => Promise.resolve(undefined)
    const findings = async (answered: Readonly<Record<string, string>>) => {
      const { parts } = system(platform, answered)
      const found = await check({ options, system: parts, lockedBy, hasConnectionString: true })
      return Object.fromEntries(found.map(({ subject, verdict, text }) => [subject, `${verdict} ${text}`]))
    }
    expect(await findings(answers)).toMatchObject({
      ...{ 'boot id': `ok ${bootId}`, 'action reboot': `ok would be done by ${orders[0]}` },
    })
    expect(await findings({})).toMatchObject({
      'boot id': expect.stringMatching(/^problem cannot be read, so no reboot is provable/) as string,
      'action reboot': 'problem would fail: no command to reboot was found',
    })
  })
})

describe.skipIf(process.platform === 'win32')('a real process', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-host-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** Here a backslash is a letter like others, so that the path of Windows is one file. */
  async function put(name: string, script: string): Promise<void> {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, name), 0o755)
  }

  test('is asked for the boot id, and gets its parameters one by one', async () => {
    await writeFile(join(folder, 'answer'), registry('0x2a'))
    await put('Windows\\System32\\reg.exe', `printf '%s\\n' "$@" > "${folder}/asked"; cat "${folder}/answer"`)
    const real = { ...thisSystem('/no/helper'), platform: 'win32' as const }
    const parts = { ...real, environment: { SystemRoot: join(folder, 'Windows') } }
    expect(await hostOf(parts).machine.bootId()).toBe('boot-42')
    expect((await readFile(join(folder, 'asked'), 'utf8')).split('\n')).toEqual([
      ...['query', key.replace('HKEY_LOCAL_MACHINE', 'HKLM'), '/v', 'BootId', ''],
    ])
  })

  test('that fails is no boot id', async () => {
    await put('Windows\\System32\\reg.exe', `echo '${registry('0x2a')}'; exit 1`)
    const real = { ...thisSystem('/no/helper'), platform: 'win32' as const }
    const parts = { ...real, environment: { SystemRoot: join(folder, 'Windows') } }
    await expect(hostOf(parts).machine.bootId()).rejects.toThrow()
  })
})
