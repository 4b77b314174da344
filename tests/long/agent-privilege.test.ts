import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateKeyPair } from '../../device-agent/firmware/signing.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { rounds } from '../support/rounds.ts'
import { whyNoDevice } from '../agent/support/booted-device.ts'
import { makeDebianPackage } from '../agent/support/debian-package.ts'
import type { UpdateEnd } from '../agent/support/firmware-field.ts'
import { leaveAsAgent, sayAsAgent, writeAsAgent } from '../agent/support/hostile-agent.ts'
import { openPackagedDevice, textOf, type PackagedDevice } from '../agent/support/packaged-device.ts'

/** What the pump's package does while it is installed: says who runs it, and waits while it is held. */
const [installedBy, hold, held] = ['/var/lib/pump-installed-by', '/var/lib/pump-hold', '/var/lib/pump-held']

const missing = await whyNoDevice()
const because = missing === undefined ? '' : ` (skipped: ${missing})`

describe.skipIf(missing !== undefined)(`the package under a real systemd${because}`, () => {
  let field: PackagedDevice
  const pumps = new Map<string, Buffer>()
  const pump = (version: string) => pumps.get(version) ?? Buffer.alloc(0)

  beforeAll(async () => {
    field = await openPackagedDevice()
    const { device, folder } = field
    for (const version of ['1.0', '2.0', '3.0', '4.0']) {
      const files = { 'opt/pump/version': `${version}\n` }
      const afterwards = `id -u > ${installedBy}\nwhile [ -e ${hold} ]; do touch ${held}; sleep 0.05; done`
      const path = await makeDebianPackage(folder, { name: 'pump', version, files, afterwards })
      pumps.set(version, readFileSync(path))
    }
    const committed = device.at('root/committed.deb')
    writeFileSync(committed, pump('1.0'))
    await device.run('dpkg', '--install', '/root/committed.deb')
    mkdirSync(device.at('etc/drover-agent/modules'))
    writeFileSync(device.at('etc/drover-agent/modules/deb.conf'), 'PACKAGE=pump\n')
    mkdirSync(device.at('var/lib/drover-agent-firmware/modules/deb'), { recursive: true })
    writeFileSync(device.at('var/lib/drover-agent-firmware/modules/deb/committed.deb'), pump('1.0'))
  })
  afterAll(() => field.close())

  const running = () => field.device.run('dpkg-query', '-W', '-f', '${Version}', 'pump')

  test('the agent runs as its own user, with no right, and a Debian package is installed all the same', async () => {
    const { device } = field
    const pid = (await device.run('systemctl', 'show', '-P', 'MainPID', 'drover-agent')).trim()
    const status = await device.run('cat', `/proc/${pid}/status`)
    const uid = (await device.run('id', '-u', 'drover-agent')).trim()
    expect(status).toMatch(new RegExp(`^Uid:\\t${uid}\\t`, 'm'))
    expect(status).toMatch(/^CapEff:\t0+$/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)

    expect(await field.update(pump('2.0'), field.release(pump('2.0'), { sequence: 10 }))).toEqual({
      status: 'applyComplete',
      code: undefined,
    })
    expect(await running()).toBe('2.0')
    expect(textOf(device, 'opt/pump/version')).toBe('2.0\n')
    expect(textOf(device, installedBy)).toBe('0\n')
    expect(JSON.parse(textOf(device, 'var/lib/drover-agent-firmware/floor'))).toEqual({ sequence: 10 })
  })

  test('what only root may write, the agent may not', () => {
    const { device } = field
    const folder = '/var/lib/drover-agent-firmware'
    expect(device.runAsAgent('cat', `${folder}/floor`)).toEqual({ status: 0, said: '{"sequence":10}' })
    for (const command of [
      ['rm', `${folder}/floor`],
      ['mv', folder, '/tmp/away'],
      ['cat', `${folder}/installation`],
      ['touch', '/etc/drover-agent/modules/file.conf'],
      ['dpkg', '--remove', 'pump'],
    ])
      expect(device.runAsAgent(...command).status, command.join(' ')).not.toBe(0)
  })

  /** Has this version installed, and does `disturb` in the middle of it. */
  async function installDisturbed(version: string, disturb: () => Promise<unknown>): Promise<UpdateEnd> {
    const { device } = field
    rmSync(device.at(held), { force: true })
    writeFileSync(device.at(hold), '')
    const end = field.update(pump(version), field.release(pump(version), { version, sequence: 10 }))
    await eventually(() => Promise.resolve(existsSync(device.at(held))), Boolean, 60_000)
    await disturb()
    rmSync(device.at(hold))
    return end
  }

  test('when root is killed in the middle, the old version is brought back, and nothing else is said', async () => {
    const { device } = field
    const kill = () =>
      device.run('systemctl', 'kill', '--kill-who=main', '-s', 'KILL', 'drover-agent-installer@*')
    expect(await installDisturbed('3.0', kill)).toEqual({ status: 'applyFailed', code: 'install-failed' })
    expect([await running(), textOf(device, 'opt/pump/version')]).toEqual(['2.0', '2.0\n'])
    expect(await device.run('dpkg', '--audit')).toBe('')
  })

  test('an agent that is killed in the middle has it done by the time that it is back', async () => {
    const { device } = field
    const kill = () => device.run('systemctl', 'kill', '-s', 'KILL', 'drover-agent.service')
    expect(await installDisturbed('3.0', kill)).toEqual({ status: 'applyComplete', code: undefined })
    expect([await running(), textOf(device, 'opt/pump/version')]).toEqual(['3.0', '3.0\n'])
  })

  test('a call that names only an address is signed for by what lies there, for root too', async () => {
    const release = field.release(pump('2.0'), { version: '2.0', sequence: 10 })
    expect(await field.updateByAddress(pump('2.0'), release)).toMatchObject({ status: 'applyComplete' })
    expect(await running()).toBe('2.0')
  })

  /** What the agent's user gets who is no agent of ours any more: it writes its record and its package as it likes. */
  describe('a hostile user of the agent', () => {
    beforeAll(() => field.device.run('systemctl', 'stop', 'drover-agent'))

    const leave = (request: object, content: Buffer) => {
      leaveAsAgent(field.device, request, content)
    }
    const say = (word: string) => sayAsAgent(field.device, word)

    /** All that might have changed. */
    const nothingHappened = async () => {
      expect(await running()).toBe('2.0')
      expect(JSON.parse(textOf(field.device, 'var/lib/drover-agent-firmware/floor'))).toEqual({
        sequence: 10,
      })
    }

    test('has a genuine release of its own choice installed, as the hub could', async () => {
      leave(field.release(pump('3.0'), { version: '3.0', sequence: 10 }), pump('3.0'))
      expect(say('install')).toContain('"kind":"done"')
      expect(await running()).toBe('3.0')
      expect(say('rollback')).toContain('"kind":"done"')
      await nothingHappened()
    })

    test.each([
      ['without a signature', 'unsigned', () => ({ fwPackageUri: 'https://a/b', fwVersion: '4.0' })],
      [
        'with a signature of its own key',
        'unknown-key',
        () => field.release(pump('4.0'), { version: '4.0' }, generateKeyPair()),
      ],
      [
        'with a manifest that it has changed',
        'bad-signature',
        () => {
          const release = field.release(pump('3.0'), { version: '3.0' }) as { manifest: string }
          return { ...release, manifest: release.manifest.replace('"sequence":10', '"sequence":11') }
        },
      ],
      [
        'that is older than what was committed',
        'rollback',
        () => field.release(pump('4.0'), { version: '4.0', sequence: 9 }),
      ],
      [
        'that has expired',
        'expired',
        () => field.release(pump('4.0'), { version: '4.0', expiresAt: '2026-01-01T00:00:00Z' }),
      ],
      [
        'for other hardware',
        'wrong-hardware',
        () => field.release(pump('4.0'), { version: '4.0', hardware: ['pump-mk3'] }),
      ],
      [
        'by a module that is not there',
        'there is no update module evil',
        () => {
          writeAsAgent(field.device, 'evil', '#!/bin/sh\nid -u > /tmp/evil\n')
          return field.release(pump('4.0'), { version: '4.0', module: 'evil' })
        },
      ],
    ])('gets nothing installed %s', async (_how, code, request) => {
      leave(request(), pump('4.0'))
      const said = say('install')
      expect(said).toContain('"kind":')
      expect(said).toContain(code)
      expect(said).not.toContain('"kind":"done"')
      expect(say('commit')).toMatch(/nothing of this update is installed|not installed as a whole/)
      await nothingHappened()
    })

    test('gets nothing for other words, nor for more than one', async () => {
      leave(field.release(pump('3.0'), { version: '3.0' }), pump('3.0'))
      for (const word of ['reboot', 'wipe', 'install /tmp/evil', 'install; id', '../install', '', 'INSTALL'])
        expect(say(word)).toBe('unknown verb\n')
      await nothingHappened()
    })

    test('gets no other bytes installed than the signed ones, however it changes the file meanwhile', async () => {
      const swap = `
        cd /var/lib/drover-agent/firmware/download
        cp package genuine
        while [ -e genuine ]; do cp evil next; mv next package; cp genuine next; mv next package; done 2> /dev/null`
      leave(field.release(pump('3.0'), { version: '3.0' }), pump('3.0'))
      writeAsAgent(field.device, 'firmware/download/evil', pump('4.0'))
      const swapping = field.device.startAsAgent('sh', '-c', swap)
      for (let round = 0; round < rounds(5, 30); round += 1) {
        const said = say('install')
        const isDone = said.includes('"kind":"done"')
        if (!isDone) expect(said).toMatch(/wrong-hash|wrong-size|ENOENT/)
        expect(await running()).toBe(isDone ? '3.0' : '2.0')
        expect(say('rollback')).toContain('"kind":"done"')
      }
      rmSync(field.device.at('var/lib/drover-agent/firmware/download/genuine'))
      await swapping
      await nothingHappened()
    })

    test('has no file read for it that it could not have read, and no pipe waited for', async () => {
      const { device } = field
      const downloads = 'var/lib/drover-agent/firmware/download'
      leave(field.release(pump('3.0'), { version: '3.0' }), Buffer.alloc(0))
      writeFileSync(device.at('root/package'), pump('3.0'), { mode: 0o600 })
      const tricks = [
        `ln -s /root/package /${downloads}/package`,
        `mkfifo /${downloads}/package`,
        `mkdir /${downloads}/package`,
        `rm -r /${downloads} && ln -s /root /${downloads}`,
      ]
      for (const trick of tricks) {
        device.runAsAgent('rm', '-rf', `/${downloads}/package`)
        expect(device.runAsAgent('sh', '-c', trick).status, trick).toBe(0)
        const said = say('install')
        expect(said, trick).toContain('"kind":"failed"')
        await nothingHappened()
      }
      device.runAsAgent('rm', '-rf', `/${downloads}`)
    })

    test('has no module run as root that it could have changed, nor one with such settings', async () => {
      const { device } = field
      const { uid } = statSync(device.at('var/lib/drover-agent'))
      leave(field.release(pump('3.0'), { version: '3.0' }), pump('3.0'))
      const conf = device.at('etc/drover-agent/modules/deb.conf')
      chownSync(conf, uid, uid)
      expect(say('install')).toContain('deb.conf belongs to another user')
      chownSync(conf, 0, 0)
      mkdirSync(device.at('etc/drover-agent/update-modules'))
      writeFileSync(device.at('etc/drover-agent/update-modules/deb'), '#!/bin/sh\n', { mode: 0o755 })
      chownSync(device.at('etc/drover-agent/update-modules'), uid, uid)
      expect(say('install')).toContain('update-modules, which belongs to another user')
      rmSync(device.at('etc/drover-agent/update-modules'), { recursive: true })
      await nothingHappened()
    })

    test('has nobody trusted whom it has brought along', async () => {
      const { device } = field
      const own = generateKeyPair()
      writeAsAgent(device, `keys/${own.keyId}.pem`, own.publicPem)
      leave(field.release(pump('4.0'), { version: '4.0' }, own), pump('4.0'))
      const link = device.at('etc/drover-agent/firmware-keys/theirs.pem')
      symlinkSync(`/var/lib/drover-agent/keys/${own.keyId}.pem`, link)
      expect(say('install')).toContain('untrusted')
      rmSync(link)
      expect(say('install')).toContain('unknown-key')
      await nothingHappened()
    })
  })

  test('it is removed with all that it has brought, and the key and the floor at last', async () => {
    const { device } = field
    await device.run('dpkg', '--remove', 'drover-agent')
    expect(existsSync(device.at('var/lib/drover-agent-firmware/floor'))).toBe(true)
    const units = await device.run(
      'systemctl',
      'list-units',
      '--all',
      '--plain',
      '--no-legend',
      'drover-agent*',
    )
    expect(units.split('\n').filter((line) => line.includes(' active '))).toEqual([])
    await device.run('dpkg', '--purge', 'drover-agent')
    for (const gone of ['etc/drover-agent', 'var/lib/drover-agent', 'var/lib/drover-agent-firmware'])
      expect(existsSync(device.at(gone)), gone).toBe(false)
  })
})
