import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  openModuleBench,
  shippedModules,
  versionOf,
  type ModuleBench,
  type Release,
} from './support/firmware-modules.ts'

let bench: ModuleBench
let folder: string

beforeEach(async () => {
  bench = await openModuleBench()
  ;({ folder } = bench)
})
afterEach(() => bench.remove())

describe('file', () => {
  const target = () => join(folder, 'device/pump.bin')

  beforeEach(() =>
    bench.configure('file', `TARGET=${target()}\nRESTART='echo restarted >> ${folder}/restarts'\n`),
  )

  test('is not for a device without settings', async () => {
    await rm(join(folder, 'config/file.conf'))
    expect((await bench.ask('file', 'probe')).result.kind).toBe('unavailable')
  })

  test('installs, restarts what uses it, and says which version runs', async () => {
    const release = await bench.makeFile('2.0')
    await bench.perform('file', ['probe', 'install', 'commit'], release)
    expect(await readFile(target(), 'utf8')).toBe('pump 2.0\n')
    expect(await readFile(join(folder, 'restarts'), 'utf8')).toBe('restarted\n')
    expect(versionOf(await bench.perform('file', ['probe'], release))).toBe('2.0')
  })

  test('returns to the old file and its version, however often it is asked', async () => {
    await bench.perform('file', ['install', 'commit'], await bench.makeFile('1.0'))
    const release = await bench.makeFile('2.0')
    await bench.perform('file', ['install', 'install', 'rollback', 'rollback'], release)
    expect(await readFile(target(), 'utf8')).toBe('pump 1.0\n')
    expect(versionOf(await bench.perform('file', ['probe'], release))).toBe('1.0')
  })

  test('returns to nothing where nothing was', async () => {
    await bench.perform('file', ['install', 'rollback'], await bench.makeFile('2.0'))
    expect(existsSync(target())).toBe(false)
  })

  test('claims no version for a file that someone else has changed', async () => {
    const release = await bench.makeFile('2.0')
    await bench.perform('file', ['install', 'commit'], release)
    await writeFile(target(), 'tampered')
    expect(versionOf(await bench.perform('file', ['probe'], release))).toBeUndefined()
  })

  test('keeps the mode of the file, and its committed state against a late rollback', async () => {
    await writeFile(target(), 'pump 0\n')
    await chmod(target(), 0o750)
    await bench.perform('file', ['install', 'commit', 'rollback'], await bench.makeFile('2.0'))
    expect(await readFile(target(), 'utf8')).toBe('pump 2.0\n')
    expect(execFileSync('stat', ['-c', '%a', target()], { encoding: 'utf8' }).trim()).toBe('750')
  })
})

describe('ab-slots', () => {
  const root = () => join(folder, 'device')

  beforeEach(async () => {
    await bench.configure('ab-slots', `ROOT=${root()}\nTRIES=2\n`)
    await mkdir(join(root(), 'slots/a'), { recursive: true })
    await writeFile(join(root(), 'slots/a/.drover-version'), '1.0\n')
    await symlink('slots/a', join(root(), 'current'))
  })

  async function makeArchive(version: string): Promise<Release> {
    const content = join(folder, `content-${version}`)
    await mkdir(content)
    await writeFile(join(content, 'pump'), `pump ${version}\n`)
    const path = join(folder, `pump-${version}.tar.gz`)
    execFileSync('tar', ['-czf', path, '-C', content, '.'])
    return { path, version }
  }

  const boot = () =>
    execFileSync(join(shippedModules, 'ab-slots'), ['boot'], {
      env: { ...process.env, DROVER_MODULE_CONFIG: join(folder, 'config/ab-slots.conf') },
    })
  const current = () => readlink(join(root(), 'current'))

  test('installs into the slot that is not in use, and switches', async () => {
    const release = await makeArchive('2.0')
    expect(await bench.perform('ab-slots', ['probe'], release)).toMatchObject({
      version: '1.0',
      needsReboot: true,
    })
    await bench.perform('ab-slots', ['install', 'install'], release)
    expect(await current()).toBe('slots/b')
    expect(await readFile(join(root(), 'current/pump'), 'utf8')).toBe('pump 2.0\n')
    expect(versionOf(await bench.perform('ab-slots', ['commit', 'probe'], release))).toBe('2.0')
    await bench.perform('ab-slots', ['install', 'commit'], await makeArchive('3.0'))
    expect(await current()).toBe('slots/a')
  })

  test('returns to the old slot, once', async () => {
    const release = await makeArchive('2.0')
    await bench.perform('ab-slots', ['install', 'rollback', 'rollback'], release)
    expect(await current()).toBe('slots/a')
    expect(versionOf(await bench.perform('ab-slots', ['probe'], release))).toBe('1.0')
  })

  test('a slot that is not committed in so many boots is left, without the agent', async () => {
    await bench.perform('ab-slots', ['install'], await makeArchive('2.0'))
    boot()
    boot()
    expect(await current()).toBe('slots/b')
    boot()
    expect(await current()).toBe('slots/a')
    boot()
    expect(await current()).toBe('slots/a')
  })

  test('a committed slot has as many boots as it wants', async () => {
    await bench.perform('ab-slots', ['install', 'commit'], await makeArchive('2.0'))
    for (let boots = 0; boots < 5; boots += 1) boot()
    expect(await current()).toBe('slots/b')
  })

  test('an archive that is none leaves the current slot alone', async () => {
    const { result } = await bench.ask('ab-slots', 'install', await bench.makeFile('2.0'))
    expect(result).toEqual({ kind: 'failed', reason: 'the package is no tar archive that can be unpacked' })
    expect(await current()).toBe('slots/a')
  })

  test('an install that is killed anywhere leaves one whole slot current, and a second one mends it', async () => {
    const release = await makeArchive('2.0')
    for (let timeoutMs = 5; timeoutMs < 60; timeoutMs += 5) {
      await bench.withTimeout(timeoutMs).ask('ab-slots', 'install', release)
      expect(['pump 2.0\n', undefined]).toContain(
        await readFile(join(root(), 'current/pump'), 'utf8').catch(() => undefined),
      )
      expect(existsSync(join(root(), 'current/.drover-version'))).toBe(true)
      await bench.perform('ab-slots', ['install'], release)
      expect(await readFile(join(root(), 'current/pump'), 'utf8')).toBe('pump 2.0\n')
      await bench.perform('ab-slots', ['rollback'], release)
      expect(await current()).toBe('slots/a')
    }
  })
})
