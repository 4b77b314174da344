import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readArmedAnswer } from '../../contract/device/factory-reset.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../conformance/support/eventually.ts'
import { whyNoDevice } from '../agent/support/booted-device.ts'
import { request } from '../agent/support/field.ts'
import { hideContainer } from '../agent/support/ordinary-machine.ts'
import { openPackagedDevice, textOf, type PackagedDevice } from '../agent/support/packaged-device.ts'

/** What a factory reset empties, on the machine. */
const pump = '/var/lib/pump'

/** For a machine to go down and come up. */
const patienceMs = 120_000

const missing = await whyNoDevice()
const because = missing === undefined ? '' : ` (skipped: ${missing})`

describe.skipIf(missing !== undefined)(`a machine that is really rebooted${because}`, () => {
  let field: PackagedDevice
  beforeAll(async () => {
    field = await openPackagedDevice()
  })
  afterAll(() => field.close())

  const bootId = async () => (await field.device.run('cat', '/proc/sys/kernel/random/boot_id')).trim()
  const property = async (name: string) =>
    (await field.device.run('systemctl', 'show', '-P', name, 'drover-agent')).trim()

  test('a container is never rebooted, and its agent says why', async () => {
    const before = [await bootId(), await property('MainPID')]
    expect(await field.call('reboot', request('reboot-in-container'))).toMatchObject({
      status: 501,
      payload: { reason: expect.stringContaining('unprovable') as string },
    })
    expect((await field.reported()).agent?.actions).not.toContain('reboot')
    expect((await field.reported()).reboot).toBeUndefined()
    expect([await bootId(), await property('MainPID')]).toEqual(before)
    expect(field.device.starts()).toBe(1)
  })

  test('no other user can read its key anywhere, and no line of the journal holds it', async () => {
    const { device } = field
    const key =
      /SharedAccessKey=([^;\s]+)/.exec(textOf(device, 'etc/drover-agent/connection-string'))?.[1] ?? ''
    expect(key).not.toBe('')
    const places = '/etc /run /tmp /usr/lib/drover-agent /var/lib/drover-agent* /var/log'
    // The pattern comes from stdin, or the search would find itself.
    const search = `grep -rslF -f - --devices=skip ${places} /proc/[0-9]*/environ /proc/[0-9]*/cmdline || true`
    writeFileSync(device.at('var/tmp/pattern'), `${key}\n`)
    const found = (user: string) =>
      device.run('sh', '-c', `setpriv --reuid=${user} --clear-groups sh -c '${search}' < /var/tmp/pattern`)
    expect((await found('root')).split('\n')).toContain('/etc/drover-agent/connection-string')
    expect(await found('nobody')).toBe('')
    const journal = await device.run('sh', '-c', 'journalctl --no-pager -u drover-agent -o cat')
    expect(journal).toContain('"event":"connected"')
    expect(journal).not.toContain(key)
    rmSync(device.at('var/tmp/pattern'))
  })

  test('an upgrade starts the new agent, with the settings of the old one', async () => {
    const { device } = field
    const kept = ['etc/drover-agent/agent.conf', 'etc/drover-agent/connection-string']
    const before = kept.map((file) => textOf(device, file))
    const [pid, { agent }] = [await property('MainPID'), await field.reported()]
    await device.run('dpkg', '--install', '/root/agent.deb')
    expect(await property('ActiveState')).toBe('active')
    expect(await property('MainPID')).not.toBe(pid)
    expect(kept.map((file) => textOf(device, file))).toEqual(before)
    // It is there again, and has nothing new to say of itself.
    await eventually(
      () => field.call('reboot', request('reboot-after-upgrade')).catch(() => ({ status: 0 })),
      ({ status }) => status === 501,
    )
    expect((await field.reported()).agent).toEqual(agent)
  })

  describe('that is taken for no container', () => {
    let unexpected: number | undefined
    beforeAll(async () => {
      const reset = `reset-wipe = ${pump}:/root/notes\nreset-keep = ${pump}/calibration\n`
      appendFileSync(field.device.at('etc/drover-agent/agent.conf'), reset)
      await hideContainer(field)
      unexpected = (await field.reported()).agent?.unexpectedReboots
    })

    /** Calls the method, and resolves with the report once the new system has given it. */
    async function reboot(actionId: string) {
      expect(await field.call('reboot', request(actionId))).toMatchObject({ status: 202 })
      const { reboot: report } = await eventually(
        () => field.reported(),
        ({ reboot: latest }) => latest?.actionId === actionId,
        patienceMs,
      )
      return report
    }

    test('it goes down, comes up, is proven by its boot ids, and happens once for one action id', async () => {
      const before = await bootId()
      const report = await reboot('reboot-1')
      const after = await bootId()
      expect(after).not.toBe(before)
      expect(report).toMatchObject({ status: 'completed', bootIdBefore: before, bootIdAfter: after })
      expect(field.device.starts()).toBe(2)
      // systemd has started it, because the package has enabled it; nothing has failed on the way.
      expect([await property('ActiveState'), await property('NRestarts')]).toEqual(['active', '0'])

      expect(await field.call('reboot', request('reboot-1'))).toMatchObject({ status: 200 })
      expect(await reboot('reboot-2')).toMatchObject({ status: 'completed', bootIdBefore: after })
      expect(field.device.starts()).toBe(3)
      expect((await field.reported()).agent?.unexpectedReboots).toBe(unexpected)
    })

    test('one that nobody has asked for is counted, and credited to no action', async () => {
      const known = await bootId()
      await field.device.run('systemctl', '--no-block', 'reboot')
      const { agent, reboot: report } = await eventually(
        () => field.reported(),
        ({ agent: who }) => who !== undefined && who.bootId !== known,
        patienceMs,
      )
      expect(agent?.unexpectedReboots).toBe((unexpected ?? 0) + 1)
      expect(report?.actionId).toBe('reboot-2')
    })

    test('a clock that fell back is moved by root, before the agent starts, and by nobody else', async () => {
      const { device } = field
      // The clock of the machine is not this test's to move: a program of the same name notes what would be done.
      writeFileSync(
        device.at('usr/local/bin/date'),
        `#!/bin/sh\ncase "$*" in *-s*) echo "$(id -u) $(systemctl show -P MainPID drover-agent) $*" >> /root/set ;; *) exec /bin/date "$@" ;; esac\n`,
        { mode: 0o755 },
      )
      const known = Math.floor(Date.now() / 1000) + 600
      writeFileSync(device.at('var/lib/drover-agent/clock'), `${known}\n`)
      await reboot('reboot-3')
      expect(textOf(device, 'root/set')).toBe(`0 0 -u -s @${known}\n`)
      rmSync(device.at('usr/local/bin/date'))
    })

    test('a factory reset is wiped by root and reported by the system that comes up, once', async () => {
      const { device } = field
      mkdirSync(device.at(`${pump}/data/more`), { recursive: true })
      for (const file of ['data/log', 'data/more/log', 'calibration'])
        writeFileSync(device.at(`${pump}/${file}`), 'x', { mode: 0o600 })
      writeFileSync(device.at('root/notes'), 'x', { mode: 0o600 })
      const starts = device.starts()
      const armed = await field.call('factoryReset', request('reset-1', { phase: 'arm' }))
      expect(readdirSync(device.at(pump))).toEqual(['calibration', 'data'])
      const nonce = readArmedAnswer(armed.payload)?.nonce
      const execute = request('reset-1', { phase: 'execute', nonce })
      expect(await field.call('factoryReset', execute)).toMatchObject({ status: 202 })
      const { factoryReset } = await eventually(
        () => field.reported(),
        ({ factoryReset: latest }) => latest?.endedAt !== undefined,
        patienceMs,
      )
      expect(factoryReset).toMatchObject({ actionId: 'reset-1', status: 'completed' })
      expect(factoryReset?.kept).toContain(`${pump}/calibration`)
      expect([readdirSync(device.at(pump)), existsSync(device.at('root/notes'))]).toEqual([
        ['calibration'],
        false,
      ])
      writeFileSync(device.at('root/notes'), 'written since')
      expect(await field.call('factoryReset', execute)).toMatchObject({ status: 200 })
      expect(await field.call('reboot', request('reboot-4'))).toMatchObject({ status: 202 })
      await eventually(field.reported, ({ reboot: latest }) => latest?.actionId === 'reboot-4', patienceMs)
      expect(device.starts()).toBe(starts + 2)
      expect(textOf(device, 'root/notes')).toBe('written since')
    })
  })
})
