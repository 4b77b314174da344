import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { architectures } from '../../build/agent-package/deb.ts'
import { fetchNode } from '../../build/agent-package/node-binary.ts'
import { packAgent, type PackOptions } from '../../build/agent-package/pack-agent.ts'
import { hasTool, runTool } from '../../build/agent-package/run.ts'
import { projectFolder } from '../../build/run-program.ts'
import { agentVersion } from '../../device-agent/version.ts'
import { openField, request } from './support/field.ts'
import { emptyRoot, startInstalled, type PackageRoot } from './support/installed-agent.ts'

const here = process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64'
const updateModules = ['ab-slots', 'deb', 'file', 'rauc', 'script', 'swupdate']
const debianName = architectures[here]
const missing = await reasonToSkip()
const because = missing === undefined ? '' : ` (skipped: ${missing})`

async function reasonToSkip(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'the packages are made on Linux'
  for (const tool of ['dpkg-deb', 'dpkg', 'systemd-sysusers'])
    if (!(await hasTool(tool))) return `there is no ${tool} here`
  return undefined
}

describe.skipIf(missing !== undefined)(`the packages of the agent${because}`, () => {
  let folder = ''
  let deb = ''
  let tarball = ''

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'drover-agent-package-'))
    ;[deb = '', tarball = ''] = await pack({ formats: ['deb', 'tarball'] })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function pack(options: Partial<PackOptions>): Promise<string[]> {
    const outFolder = path.join(folder, 'out')
    return packAgent({ platform: here, outFolder, formats: ['deb'], compression: 'none', ...options })
  }

  test('the Debian package says what it is and what it needs', async () => {
    const field = async (name: string) => (await runTool('dpkg-deb', ['-f', deb, name])).trim()
    expect(path.basename(deb)).toBe(`drover-agent_${agentVersion}_${debianName}.deb`)
    expect(await field('Package')).toBe('drover-agent')
    expect(await field('Version')).toBe(agentVersion)
    expect(await field('Architecture')).toBe(debianName)
    expect(await field('Depends')).toContain('systemd (>= 247)')
    expect(Number(await field('Installed-Size'))).toBeGreaterThan(50_000)
  })

  test('it holds these files, owned by root, which nobody else can write', async () => {
    const rows = (await runTool('dpkg-deb', ['-c', deb])).trim().split('\n')
    const files = rows.map((row) => {
      const [mode = '', owner = '', , , , name = ''] = row.split(/ +/)
      return { mode, owner, name }
    })
    expect(new Set(files.map(({ owner }) => owner))).toEqual(new Set(['root/root']))
    const isFolder = (name: string) => name.endsWith('/')
    expect(new Set(files.filter(({ name }) => isFolder(name)).map(({ mode }) => mode))).toEqual(
      new Set(['drwxr-xr-x']),
    )
    const lines = files
      .filter(({ name }) => !isFolder(name))
      .map(({ mode, name }) => `${mode} ${name.slice(1)}`)
    expect(lines.sort()).toEqual([
      '-rw-r--r-- /etc/drover-agent/agent.conf',
      '-rw-r--r-- /usr/lib/drover-agent/drover-agent.cjs',
      '-rw-r--r-- /usr/lib/systemd/system/drover-agent-helper.socket',
      '-rw-r--r-- /usr/lib/systemd/system/drover-agent-helper@.service',
      '-rw-r--r-- /usr/lib/systemd/system/drover-agent-installer.socket',
      '-rw-r--r-- /usr/lib/systemd/system/drover-agent-installer@.service',
      '-rw-r--r-- /usr/lib/systemd/system/drover-agent-wipe.service',
      '-rw-r--r-- /usr/lib/systemd/system/drover-agent.service',
      '-rw-r--r-- /usr/lib/sysusers.d/drover-agent.conf',
      '-rw-r--r-- /usr/share/doc/drover-agent/changelog.gz',
      '-rw-r--r-- /usr/share/doc/drover-agent/copyright',
      '-rwxr-xr-x /usr/bin/drover-agent',
      '-rwxr-xr-x /usr/lib/drover-agent/clock',
      '-rwxr-xr-x /usr/lib/drover-agent/helper',
      '-rwxr-xr-x /usr/lib/drover-agent/node',
      ...updateModules.map((name) => `-rwxr-xr-x /usr/lib/drover-agent/update-modules/${name}`),
    ])
  })

  test('it is the same, byte for byte, when it is made again', async () => {
    const [again = ''] = await pack({ outFolder: path.join(folder, 'again') })
    expect(hashOf(again)).toBe(hashOf(deb))
  })

  test('it is made for the other architecture too', async ({ skip }) => {
    const other = here === 'linux-x64' ? 'linux-arm64' : 'linux-x64'
    const node = await fetchNode(other).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('npm: ')) return error.message
      throw error
    })
    if (typeof node === 'string') skip(`its Node cannot be had here: ${node}`)
    const [foreign = ''] = await pack({ platform: other })
    expect((await runTool('dpkg-deb', ['-f', foreign, 'Architecture'])).trim()).toBe(architectures[other])
    const tree = path.join(folder, 'foreign')
    await runTool('dpkg-deb', ['-x', foreign, tree])
    expect(machineOf(path.join(tree, 'usr/lib/drover-agent/node'))).toBe(architectures[other])
  })

  describe('installed with dpkg', () => {
    let root: PackageRoot
    beforeAll(async () => {
      root = emptyRoot(path.join(folder, 'root'))
      await root.dpkg('--install', deb)
    })

    test('it is whole, has its own user, and starts at boot', async () => {
      expect(await root.dpkg('--verify')).toBe('')
      expect(readFileSync(root.at('etc/passwd'), 'utf8')).toMatch(
        /^drover-agent:x:\d+:\d+:.*:\/usr\/sbin\/nologin$/m,
      )
      const wants = root.at('etc/systemd/system/multi-user.target.wants/drover-agent.service')
      expect(readlinkSync(wants)).toBe('/usr/lib/systemd/system/drover-agent.service')
      expect(await runTool(root.at('usr/bin/drover-agent'), ['--version'])).toBe(`${agentVersion}\n`)
    })

    test('it brings no secret, no source map and no path of the machine that made it', () => {
      const bundle = readFileSync(root.at('usr/lib/drover-agent/drover-agent.cjs'), 'utf8')
      expect(bundle).not.toContain(projectFolder)
      expect(bundle).not.toContain('sourceMappingURL=drover-agent')
      expect(bundle).not.toMatch(/SharedAccessKey=[A-Za-z0-9+/]{16}/)
      expect(existsSync(root.at('etc/drover-agent/connection-string'))).toBe(false)
    })

    test('its configuration, as it comes, has no mistake', async () => {
      const file = root.at('etc/drover-agent/agent.conf')
      const lines = readFileSync(file, 'utf8')
      writeFileSync(path.join(folder, 'all.conf'), lines.replaceAll(/^#(?=[a-z-]+ = )/gm, ''))
      for (const conf of [file, path.join(folder, 'all.conf')])
        await runTool(root.at('usr/bin/drover-agent'), ['status', '--config', conf, '--state-dir', folder])
    })

    test('it reboots a simulated machine for a hub, provisioned as its page says', async () => {
      const field = await openField()
      try {
        const device = await field.newDevice()
        const given = path.join(device.stateFolder, 'given')
        const kept = root.at('etc/drover-agent/connection-string')
        const conf = path.join(device.stateFolder, 'agent.conf')
        const { ca } = field.target
        const caFile = path.join(device.stateFolder, 'ca.pem')
        if (ca !== undefined) writeFileSync(caFile, ca)
        const settings = {
          'connection-string-file': kept,
          'state-dir': device.stateFolder,
          ...(ca && { ca: caFile }),
        }
        const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
        writeFileSync(conf, `simulate = yes\nsimulate-down = 0.3\n${lines.join('')}`)
        writeFileSync(given, device.connectionString, { mode: 0o600 })

        const program = root.at('usr/bin/drover-agent')
        await runTool(program, ['provision', '--config', conf, '--connection-string-file', given])
        expect(statSync(kept).mode & 0o777).toBe(0o600)
        const agent = await startInstalled(program, ['--config', conf])
        expect((await device.call(request('packed-1'))).status).toBe(202)
        expect(await device.outcome('packed-1')).toMatchObject({ status: 'completed' })
        expect(await agent.stop()).toBe(0)
      } finally {
        await field.close()
      }
    })

    test('an upgrade keeps the settings, a removal the key, and a purge nothing', async () => {
      const conf = root.at('etc/drover-agent/agent.conf')
      const key = root.at('etc/drover-agent/connection-string')
      const record = root.at('var/lib/drover-agent/agent-state.0')
      const floor = root.at('var/lib/drover-agent-firmware/floor')
      appendFileSync(conf, 'reboot-patience = 600\n')
      writeFileSync(key, 'key', { mode: 0o600 })
      for (const file of [record, floor]) {
        mkdirSync(path.dirname(file), { recursive: true })
        writeFileSync(file, '{}')
      }

      const [newer = ''] = await pack({ version: '99.0.0' })
      await root.dpkg('--install', newer)
      expect(await root.dpkg('--status', 'drover-agent')).toContain('Version: 99.0.0')
      expect(readFileSync(conf, 'utf8')).toContain('reboot-patience = 600')
      expect([existsSync(key), existsSync(record)]).toEqual([true, true])

      await root.dpkg('--remove', 'drover-agent')
      expect(existsSync(root.at('usr/lib/drover-agent'))).toBe(false)
      for (const kept of [conf, key, record, floor]) expect(existsSync(kept), kept).toBe(true)

      await root.dpkg('--purge', 'drover-agent')
      const folders = ['etc/drover-agent', 'var/lib/drover-agent', 'var/lib/drover-agent-firmware']
      for (const gone of [...folders, 'usr/bin/drover-agent'])
        expect(existsSync(root.at(gone)), gone).toBe(false)
      expect(spawnSync('find', [root.at('etc/systemd'), '-type', 'l']).stdout.toString()).toBe('')
    })
  })

  describe('installed from the tarball', () => {
    const at = (file: string) => path.join(folder, 'device', file)
    const install = (...args: string[]) =>
      runTool(path.join(folder, path.basename(tarball, '.tar.gz'), 'install.sh'), args, {
        env: { ...process.env, DESTDIR: path.join(folder, 'device') },
      })
    beforeAll(() => runTool('tar', ['-xzf', tarball, '-C', folder]))

    test('it runs, and a second installation keeps the settings', async () => {
      await install()
      expect(await runTool(at('usr/bin/drover-agent'), ['--version'])).toBe(`${agentVersion}\n`)
      expect(statSync(at('usr/lib/drover-agent/helper')).mode & 0o777).toBe(0o755)
      appendFileSync(at('etc/drover-agent/agent.conf'), 'reboot-patience = 600\n')
      await install()
      expect(readFileSync(at('etc/drover-agent/agent.conf'), 'utf8')).toContain('reboot-patience = 600')
    })

    test('it goes without its key, or with it', async () => {
      await install()
      writeFileSync(at('etc/drover-agent/connection-string'), 'key', { mode: 0o600 })
      await install('--remove')
      expect(existsSync(at('usr/lib/drover-agent'))).toBe(false)
      expect(existsSync(at('usr/bin/drover-agent'))).toBe(false)
      expect(existsSync(at('etc/drover-agent/connection-string'))).toBe(true)
      await install('--purge')
      expect(existsSync(at('etc/drover-agent'))).toBe(false)
    })
  })
})

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/** By the field e_machine of its ELF header. */
function machineOf(program: string): string | undefined {
  const header = Buffer.alloc(20)
  readSync(openSync(program, 'r'), header, 0, 20, 0)
  return new Map([
    [0x3e, 'amd64'],
    [0xb7, 'arm64'],
  ]).get(header.readUInt16LE(18))
}
