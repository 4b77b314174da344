import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeDebianPackage } from './support/debian-package.ts'
import { openModuleBench, versionOf, type ModuleBench, type Release } from './support/firmware-modules.ts'

let bench: ModuleBench
let folder: string

beforeEach(async () => {
  bench = await openModuleBench()
  ;({ folder } = bench)
})
afterEach(() => bench.remove())

describe.skipIf(!existsSync('/usr/bin/dpkg-deb'))('deb', () => {
  /** dpkg below a root of its own, where it may do what it likes. */
  beforeEach(async () => {
    const root = join(folder, 'device')
    for (const name of ['updates', 'info']) await mkdir(join(root, 'var/lib/dpkg', name), { recursive: true })
    await writeFile(join(root, 'var/lib/dpkg/status'), '')
    const options = `--root=${root} --force-not-root --force-bad-path --log=${folder}/dpkg.log`
    await bench.configure(
      'deb',
      `PACKAGE=pump\nDPKG="dpkg ${options}"\nDPKG_QUERY="dpkg-query --root=${root}"\n`,
    )
  })

  async function makeDeb(version: string, name = 'pump'): Promise<Release> {
    const files = { 'opt/pump': `pump ${version}\n` }
    return { path: await makeDebianPackage(folder, { name, version, files }), version }
  }

  test('installs, commits, and returns to the committed package', async () => {
    await bench.perform('deb', ['probe', 'install', 'commit'], await makeDeb('1.0'))
    const release = await makeDeb('2.0')
    await bench.perform('deb', ['install', 'install'], release)
    expect(versionOf(await bench.perform('deb', ['probe'], release))).toBe('2.0')
    await bench.perform('deb', ['rollback', 'rollback'], release)
    expect(versionOf(await bench.perform('deb', ['probe'], release))).toBe('1.0')
    expect(await readFile(join(folder, 'device/opt/pump'), 'utf8')).toBe('pump 1.0\n')
  })

  test('installs no other package, no other version, and nothing that is no package', async () => {
    const other = (await bench.ask('deb', 'install', await makeDeb('1.0', 'other'))).result
    expect(other).toMatchObject({ reason: 'this is the package other, and only pump is installed here' })
    const wrong = (await bench.ask('deb', 'install', { ...(await makeDeb('1.0')), version: '3.0' })).result
    expect(wrong).toMatchObject({ reason: 'the package has the version 1.0, and 3.0 was announced' })
    expect((await bench.ask('deb', 'install', await bench.makeFile('1.0'))).result).toMatchObject({
      reason: 'this is no Debian package',
    })
  })

  test('installs nothing that it could not take back', async () => {
    await bench.perform('deb', ['install', 'commit'], await makeDeb('1.0'))
    await rm(join(folder, 'state/deb/committed.deb'))
    const { result } = await bench.ask('deb', 'install', await makeDeb('2.0'))
    expect(JSON.stringify(result)).toContain('put the package of version 1.0 there')
  })
})

describe('script', () => {
  async function makeScript(version: string): Promise<Release> {
    const path = join(folder, `script-${version}`)
    const log = join(folder, 'log')
    const body = `#!/bin/sh\necho "${version} $1" >> ${log}\nif [ "$1" = probe ]; then echo version ${version}; fi\n`
    await writeFile(path, body)
    return { path, version }
  }

  test('runs only where the owner has allowed it', async () => {
    expect((await bench.ask('script', 'probe', await makeScript('1'))).result.kind).toBe('unavailable')
  })

  test('asks the new program until it is rolled back, and then the old one', async () => {
    await bench.configure('script', '')
    await bench.perform('script', ['install', 'commit'], await makeScript('1'))
    const release = await makeScript('2')
    expect(versionOf(await bench.perform('script', ['install', 'probe'], release))).toBe('2')
    expect(versionOf(await bench.perform('script', ['rollback', 'rollback', 'probe'], release))).toBe('1')
    const lines = (await readFile(join(folder, 'log'), 'utf8')).trim().split('\n')
    expect(lines).toEqual(['1 install', '1 commit', '2 install', '2 probe', '2 rollback', '1 probe'])
  })
})

describe('rauc and swupdate', () => {
  test.each(['rauc', 'swupdate'])('%s is refused by name where the system has none', async (module) => {
    // This machine may have one.
    await withPath(join(folder, 'empty'), async () => {
      const { result } = await bench.ask(module, 'probe')
      expect(result).toEqual({ kind: 'unavailable', reason: `this system has no ${module}` })
    })
  })

  async function withPath(path: string, work: () => Promise<void>): Promise<void> {
    const before = process.env['PATH']
    process.env['PATH'] = path
    await work().finally(() => (process.env['PATH'] = before))
  }

  async function withCommand(name: string, body: string, work: () => Promise<void>): Promise<void> {
    const bin = join(folder, 'bin')
    await mkdir(bin)
    await writeFile(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${folder}/commands\n${body}\n`)
    await chmod(join(bin, name), 0o755)
    await withPath(`${bin}:${process.env['PATH'] ?? ''}`, work)
  }
  const commands = async () => (await readFile(join(folder, 'commands'), 'utf8')).trim().split('\n')

  test('rauc installs the bundle, and marks what runs as good', async () => {
    await writeFile(join(folder, 'os-release'), 'ID=pump\nIMAGE_VERSION="2.0"\n')
    await bench.configure('rauc', `OS_RELEASE=${folder}/os-release\n`)
    const status = `case "$*" in *shell) echo "RAUC_SYSTEM_BOOTED_BOOTNAME='A'" ;; esac`
    await withCommand('rauc', status, async () => {
      const release = await bench.makeFile('2.0')
      expect(await bench.perform('rauc', ['install', 'probe'], release)).toMatchObject({
        version: '2.0',
        needsReboot: true,
      })
      await bench.perform('rauc', ['commit'], release)
    })
    expect(await commands()).toEqual([
      'rauc status --output-format=shell',
      `rauc install ${join(folder, 'state/rauc/update.raucb')}`,
      'rauc status mark-good',
    ])
  })

  test('rauc goes back: from the new slot by marking it bad, in the old one by keeping it', async () => {
    const status = `case "$*" in *shell) echo "RAUC_SYSTEM_BOOTED_BOOTNAME='$(cat ${folder}/booted)'" ;; esac`
    await withCommand('rauc', status, async () => {
      const release = await bench.makeFile('2.0')
      await writeFile(join(folder, 'booted'), 'A')
      await bench.perform('rauc', ['install'], release)
      await writeFile(join(folder, 'booted'), 'B')
      await bench.perform('rauc', ['rollback', 'rollback'], release)
      await writeFile(join(folder, 'booted'), 'A')
      await bench.perform('rauc', ['install', 'rollback'], release)
    })
    const marks = (await commands()).filter((line) => line.includes('mark'))
    expect(marks).toEqual([
      'rauc status mark-bad booted',
      'rauc status mark-active other',
      'rauc status mark-active booted',
    ])
  })

  test('swupdate does what its settings say, and nothing without them', async () => {
    await withCommand('swupdate', 'exit 0', async () => {
      const release = await bench.makeFile('2.0')
      expect((await bench.ask('swupdate', 'probe', release)).result.kind).toBe('unavailable')
      const settings = `OPTIONS='-e stable,copy2'\nCOMMIT='echo kept >> ${folder}/commands'\nROLLBACK='exit 4'\n`
      await bench.configure('swupdate', `${settings}OS_RELEASE=/dev/null\n`)
      expect(await bench.perform('swupdate', ['probe', 'install', 'commit'], release)).toMatchObject({
        kind: 'done',
      })
      expect((await bench.ask('swupdate', 'rollback', release)).result.kind).toBe('failed')
      expect(await commands()).toEqual([`swupdate -e stable,copy2 -i ${release.path}`, 'kept'])
    })
  })
})
