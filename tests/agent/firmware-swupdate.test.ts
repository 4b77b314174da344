import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openModuleBench, versionOf, type ModuleBench } from './support/firmware-modules.ts'
import { makeSwupdateImage, whyNoSwupdate } from './support/swupdate-image.ts'

const missing = await whyNoSwupdate()
const because = missing === undefined ? '' : ` (skipped: ${missing})`

describe.skipIf(missing !== undefined)(`the module swupdate with the genuine SWUpdate${because}`, () => {
  let bench: ModuleBench
  const at = (name: string) => join(bench.folder, 'device', name)

  beforeEach(async () => {
    bench = await openModuleBench()
    await writeFile(at('slot'), Buffer.alloc(2 * 1024 * 1024))
    await writeFile(at('os-release'), 'IMAGE_VERSION=1.0\n')
    const { options } = await makeImage('1.0', Buffer.alloc(1))
    const settings = {
      OPTIONS: options,
      COMMIT: `echo kept > ${at('boot')}`,
      ROLLBACK: `echo old > ${at('boot')}`,
      OS_RELEASE: at('os-release'),
    }
    const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`)
    await bench.configure('swupdate', lines.join(''))
  })
  afterEach(() => bench.remove())

  async function makeImage(version: string, content: Buffer, signer: 'own' | 'other' = 'own') {
    const parts = { version, content, signer, slot: at('slot') }
    return { ...(await makeSwupdateImage(at(''), parts)), version }
  }
  const slot = async (length: number) => (await readFile(at('slot'))).subarray(0, length)
  const boot = async () => (await readFile(at('boot'), 'utf8')).trim()

  test('installs an image, says that it runs when it does, and keeps it', async () => {
    const content = randomBytes(1024 * 1024)
    const release = await makeImage('2.0', content)
    expect(await bench.perform('swupdate', ['probe'], release)).toMatchObject({
      version: '1.0',
      needsReboot: true,
    })
    await bench.perform('swupdate', ['install', 'install'], release)
    expect((await slot(content.length)).equals(content)).toBe(true)
    await writeFile(at('os-release'), 'IMAGE_VERSION=2.0\n')
    expect(versionOf(await bench.perform('swupdate', ['probe'], release))).toBe('2.0')
    await bench.perform('swupdate', ['commit', 'commit'], release)
    expect(await boot()).toBe('kept')
  })

  test('goes back as the settings say', async () => {
    const release = await makeImage('2.0', randomBytes(1024 * 1024))
    await bench.perform('swupdate', ['install', 'rollback', 'rollback'], release)
    expect(await boot()).toBe('old')
  })

  test('installs nothing that another has signed, nothing damaged, and nothing that is no image', async () => {
    const content = randomBytes(1024 * 1024)
    const forged = await makeImage('2.0', content, 'other')
    const damaged = await makeImage('3.0', content)
    const bytes = await readFile(damaged.path)
    bytes[bytes.length - 300_000] = (bytes[bytes.length - 300_000] ?? 0) ^ 1
    await writeFile(damaged.path, bytes)
    for (const release of [forged, damaged, await bench.makeFile('2.0')]) {
      const { result } = await bench.ask('swupdate', 'install', release)
      expect(result).toEqual({ kind: 'failed', reason: 'swupdate failed; its own words are in the log' })
    }
  })

  test('an installation that is killed anywhere is whole when it is repeated', async () => {
    const content = randomBytes(2 * 1024 * 1024)
    const release = await makeImage('2.0', content)
    for (const timeoutMs of [10, 20, 30, 40, 60, 80, 120]) {
      await writeFile(at('slot'), Buffer.alloc(content.length))
      await bench.withTimeout(timeoutMs).ask('swupdate', 'install', release)
      await bench.perform('swupdate', ['install'], release)
      expect((await slot(content.length)).equals(content)).toBe(true)
    }
  })
})
