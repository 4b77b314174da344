import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openModuleBench, versionOf, type ModuleBench } from './support/firmware-modules.ts'

let bench: ModuleBench
let folder: string

beforeEach(async () => {
  bench = await openModuleBench()
  ;({ folder } = bench)
})
afterEach(() => bench.remove())

describe('the protocol', () => {
  test('a module is told all by its environment, of which the agent gives nothing away', async () => {
    process.env['DROVER_SECRET_OF_THE_TEST'] = 'secret'
    await bench.writeModule('own', 'env | sort > seen')
    await bench.ask('own', 'install', await bench.makeFile('2'))
    delete process.env['DROVER_SECRET_OF_THE_TEST']
    const seen = await readFile(join(folder, 'state/own/seen'), 'utf8')
    expect(seen).toContain('DROVER_VERSION=2\n')
    expect(seen).toContain(`DROVER_MODULE_CONFIG=${join(folder, 'config/own.conf')}\n`)
    expect(seen).toContain('DROVER_ACTION_ID=a1\n')
    expect(seen).toContain('DROVER_SIZE=7\n')
    expect(seen).not.toContain('secret')
  })

  test('what it prints is read: version, reboot and progress', async () => {
    await bench.writeModule(
      'own',
      'echo progress 10; echo hello; echo progress 900; echo version 2.1; echo reboot yes',
    )
    const { result, progress } = await bench.ask('own', 'probe')
    expect(result).toEqual({ kind: 'done', version: '2.1', needsReboot: true })
    expect(progress).toEqual([10, 100])
  })

  test('its last words on stderr are the reason of its failure', async () => {
    await bench.writeModule('own', 'echo trying >&2; echo "the valve is stuck" >&2; exit 3')
    expect((await bench.ask('own', 'install')).result).toEqual({
      kind: 'failed',
      reason: 'the valve is stuck',
    })
    expect(bench.logged).toEqual([
      { module: 'own', verb: 'install', actionId: 'a1', result: 'failed', reason: 'the valve is stuck' },
    ])
  })

  test('one that says nothing is quoted by its exit code', async () => {
    await bench.writeModule('own', 'exit 3')
    expect((await bench.ask('own', 'install')).result).toEqual({
      kind: 'failed',
      reason: 'install ended with 3',
    })
  })

  test('exit code 69 means that it is not for this device', async () => {
    await bench.writeModule('own', 'echo "no valve here" >&2; exit 69')
    expect((await bench.ask('own', 'probe')).result).toEqual({
      kind: 'unavailable',
      reason: 'no valve here',
    })
  })

  test('one that hangs is ended, with all that it started', async () => {
    await bench.writeModule('own', 'sleep 1000 & echo $! > child; wait')
    const { result } = await bench.withTimeout(300).ask('own', 'install')
    expect(result).toEqual({ kind: 'failed', reason: 'install did not end in 0.3 s' })
    const child = Number(await readFile(join(folder, 'state/own/child'), 'utf8'))
    await expect.poll(() => isAlive(child)).toBe(false)
  })

  test('no name leads out of the folder, and what is not executable is no module', async () => {
    await writeFile(join(join(folder, 'own'), 'text'), 'hello')
    for (const name of ['../own/x', 'text', 'none', ''])
      expect((await bench.ask(name, 'probe')).result.kind).toBe('unavailable')
  })

  test("the owner's own module comes before a shipped one of the same name", async () => {
    await bench.writeModule('rauc', 'echo version mine')
    expect(versionOf((await bench.ask('rauc', 'probe')).result)).toBe('mine')
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}
