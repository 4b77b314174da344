import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hasTool } from '../../build/agent-package/run.ts'
import { projectFolder } from '../../build/run-program.ts'
import { askHelper } from '../../device-agent/adapters/privileged-helper.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { adaptUnit, startServiceManager, type ServiceManager } from './support/service-manager.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'drover-systemd-'))
const at = (name: string) => path.join(folder, name)
const manager = await startOrReason()
const because = typeof manager === 'string' ? ` (skipped: ${manager})` : ''

async function startOrReason(): Promise<ServiceManager | string> {
  if (process.platform !== 'linux') return 'systemd is of Linux'
  if (process.getuid?.() !== 0) return 'only root may make a mount namespace'
  if (!existsSync('/lib/systemd/systemd') || !(await hasTool('systemctl'))) return 'there is no systemd here'
  return startServiceManager(folder).catch((error: unknown) => String(error))
}

afterAll(async () => {
  if (typeof manager !== 'string') await manager.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The units that ship, but for paths, the user, and a watchdog that need not be waited for. */
describe.skipIf(typeof manager === 'string')(`under a real systemd${because}`, () => {
  const { systemctl, property } = manager as ServiceManager
  const service = 'drover-agent.service'
  const files = path.join(projectFolder, 'build/agent-package/files')

  function installService(parameters = ''): void {
    const program = `${process.execPath} ${projectFolder}/device-agent/main.ts run`
    const more = `--simulate --state-dir ${at('state')} ${parameters}`
    adaptUnit(path.join(files, service), at(`units/${service}`), [
      [/^(Wants|After)=.*\n(After=.*\n)?/m, ''],
      [/^ExecStart=\S+ run/m, `ExecStart=${program} ${more}`],
      [/^User=.*\nGroup=.*\nStateDirectory=.*\nStateDirectoryMode=.*\n/m, ''],
      [/\/etc\/drover-agent\/connection-string/g, at('key')],
      [/\/etc\/drover-agent\/(?=device\.key|dps-key)/g, at('none-')],
      [/^WatchdogSec=180$/m, 'WatchdogSec=6'],
      [/^RestartSec=5$/m, 'RestartSec=100ms'],
      [/^ProtectSystem=strict$/m, `ProtectSystem=strict\nReadWritePaths=${folder}`],
      // This project and this folder may be in either.
      [/^ProtectHome=yes\nPrivateTmp=yes\n/m, ''],
    ])
  }

  async function restart(): Promise<void> {
    await systemctl('daemon-reload')
    await systemctl('stop', service)
    await systemctl('reset-failed')
    await systemctl('start', service)
  }

  beforeAll(() => {
    mkdirSync(at('state'), { mode: 0o700 })
  })
  beforeEach(() => {
    writeFileSync(at('key'), 'HostName=hub.invalid;DeviceId=d;SharedAccessKey=c2VjcmV0\n', { mode: 0o600 })
  })
  afterAll(() => systemctl('stop', service, 'drover-agent-helper.socket'))

  test('the agent says that it is ready, and has no right that it does not need', async () => {
    installService()
    await restart()
    expect(await property(service, 'ActiveState')).toBe('active')
    const status = readFileSync(`/proc/${await property(service, 'MainPID')}/status`, 'utf8')
    expect(status).toMatch(/^CapEff:\t0+$/m)
    expect(status).toMatch(/^CapBnd:\t0+$/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    expect(status).toMatch(/^Seccomp:\t2$/m)
  })

  test('an agent that hangs is started again, and one that lives is left alone', async () => {
    installService()
    await restart()
    const first = await property(service, 'MainPID')
    const beat = () => property(service, 'WatchdogTimestampMonotonic')
    const started = await beat()
    await eventually(beat, (latest) => Number(latest) > Number(started) + 3_000_000)
    expect(await property(service, 'MainPID')).toBe(first)

    process.kill(Number(first), 'SIGSTOP')
    await eventually(
      async () => [await property(service, 'NRestarts'), await property(service, 'ActiveState')],
      ([restarts, state]) => restarts === '1' && state === 'active',
    )
    expect(await property(service, 'MainPID')).not.toBe(first)
  })

  test('an agent that was killed is started again', async () => {
    installService()
    await restart()
    process.kill(Number(await property(service, 'MainPID')), 'SIGKILL')
    await eventually(
      async () => [await property(service, 'NRestarts'), await property(service, 'ActiveState')],
      ([restarts, state]) => restarts === '1' && state === 'active',
    )
  })

  test('a mistake in the configuration is not tried again', async () => {
    writeFileSync(at('agent.conf'), 'nonsense\n')
    installService(`--config ${at('agent.conf')}`)
    await expect(restart()).rejects.toThrow('failed')
    expect(await property(service, 'ActiveState')).toBe('failed')
    expect(await property(service, 'ExecMainStatus')).toBe('2')
    expect(await property(service, 'NRestarts')).toBe('0')
  })

  test('an agent that cannot start five times in five minutes is left to a person', async () => {
    writeFileSync(at('key'), 'HostName=hub.invalid\n', { mode: 0o600 })
    installService()
    await expect(restart()).rejects.toThrow('failed')
    await eventually(
      () => property(service, 'SubState'),
      (state) => state === 'failed',
    )
    expect(await property(service, 'ExecMainStatus')).toBe('1')
    expect(await property(service, 'NRestarts')).toBe('5')
    await expect(systemctl('start', service)).rejects.toThrow()
  })

  test('a device without a connection string waits for one, and that is no failure', async () => {
    rmSync(at('key'))
    installService()
    await restart()
    expect(await property(service, 'ActiveState')).toBe('inactive')
    expect(await property(service, 'ConditionResult')).toBe('no')
  })

  test('a device with a key of its own is given it by systemd, for only root can read the file', async () => {
    rmSync(at('key'))
    writeFileSync(at('none-dps-key'), Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 })
    const lines = ['dps-id-scope = 0ne', 'dps-registration-id = pump', 'dps-host = localhost:1']
    writeFileSync(at('provisioned.conf'), `${lines.join('\n')}\n`)
    installService(`--config ${at('provisioned.conf')}`)
    await restart()
    // It does not find the file where the configuration has it: /etc/drover-agent/dps-key is not there.
    await eventually(
      () => Promise.resolve(existsSync(at('state/agent-state.0')) || existsSync(at('state/agent-state.1'))),
      Boolean,
    )
    expect(await property(service, 'ActiveState')).toBe('active')
    expect(await property(service, 'NRestarts')).toBe('0')
    rmSync(at('none-dps-key'))
  })

  test('the helper answers each caller at its door', async () => {
    mkdirSync(at('bin'))
    writeFileSync(at('bin/systemctl'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    const door = at('run/helper.sock')
    adaptUnit(path.join(files, 'drover-agent-helper.socket'), at('units/drover-agent-helper.socket'), [
      [/^ListenStream=.*$/m, `ListenStream=${door}`],
      [/^SocketUser=.*\n/m, ''],
    ])
    adaptUnit(path.join(files, 'drover-agent-helper@.service'), at('units/drover-agent-helper@.service'), [
      [/^ExecStart=.*$/m, `Environment=PATH=${at('bin')}:/usr/bin:/bin\nExecStart=/bin/sh ${files}/helper`],
      [/^ProtectHome=yes\nPrivateTmp=yes\n/m, ''],
    ])
    await systemctl('daemon-reload')
    await systemctl('start', 'drover-agent-helper.socket')
    await askHelper(door, 'reboot')
    const stranger = connect(door)
    stranger.end('halt\n')
    expect(await text(stranger)).toBe('unknown verb\n')
    await askHelper(door, 'reboot')
  })
})
