import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../conformance/support/eventually.ts'
import { openModuleBench, versionOf, type ModuleBench } from './support/firmware-modules.ts'
import { startRauc, whyNoRauc, type RaucDevice } from './support/rauc-device.ts'

const missing = await whyNoRauc()
const because = missing === undefined ? '' : ` (skipped: ${missing})`

describe.skipIf(missing !== undefined)(`the module rauc with the genuine RAUC${because}`, () => {
  let bench: ModuleBench
  let device: RaucDevice
  const path = process.env['PATH']

  beforeEach(async () => {
    bench = await openModuleBench()
    device = await startRauc(join(bench.folder, 'device'))
    process.env['PATH'] = `${device.bin}:${path ?? ''}`
    await bench.configure('rauc', `OS_RELEASE=${device.osRelease}\n`)
    await device.reboot('1.0')
  })
  afterEach(async () => {
    process.env['PATH'] = path
    await device.stop()
    await bench.remove()
  })

  const content = randomBytes(1024 * 1024)
  const held = (slot: 'A' | 'B') => device.content(slot, content.length)

  test('installs a bundle into the slot that is not booted, and keeps it', async () => {
    const release = { path: await device.bundle('2.0', content), version: '2.0' }
    expect(await bench.perform('rauc', ['probe'], release)).toMatchObject({
      version: '1.0',
      needsReboot: true,
    })
    await bench.perform('rauc', ['install', 'install'], release)
    expect((await held('B')).equals(content)).toBe(true)
    expect(await device.primary()).toBe('B')
    expect(versionOf(await bench.perform('rauc', ['probe'], release))).toBe('1.0')

    expect(await device.reboot('2.0')).toBe('B')
    expect(versionOf(await bench.perform('rauc', ['probe', 'commit', 'commit', 'probe'], release))).toBe(
      '2.0',
    )
    expect([await device.primary(), await device.isGood('B')]).toEqual(['B', true])
  })

  test('goes back from the new slot, and never boots it again', async () => {
    const release = { path: await device.bundle('2.0', content), version: '2.0' }
    await bench.perform('rauc', ['install'], release)
    await device.reboot('2.0')
    await bench.perform('rauc', ['rollback', 'rollback'], release)
    expect([await device.primary(), await device.isGood('B')]).toEqual(['A', false])
    expect(await device.reboot('1.0')).toBe('A')
  })

  test('goes back before the new slot was ever booted', async () => {
    const release = { path: await device.bundle('2.0', content), version: '2.0' }
    await bench.perform('rauc', ['install', 'rollback'], release)
    expect([await device.primary(), await device.isGood('A')]).toEqual(['A', true])
  })

  test('installs no bundle that another has signed, and nothing that is none', async () => {
    const forged = { path: await device.bundle('2.0', content, 'other'), version: '2.0' }
    for (const release of [forged, await bench.makeFile('2.0')]) {
      const { result } = await bench.ask('rauc', 'install', release)
      expect(result).toEqual({ kind: 'failed', reason: 'rauc install failed; its own words are in the log' })
      await bench.perform('rauc', ['rollback'], release)
    }
    expect(await device.primary()).toBe('A')
    expect((await held('B')).equals(Buffer.alloc(content.length))).toBe(true)
  })

  test.each(['rollback', 'install'] as const)(
    'waits with %s for an installation that has outlived the one who asked for it',
    async (verb) => {
      const release = { path: await device.bundle('2.0', content), version: '2.0' }
      await device.hold()
      const killed = bench.withTimeout(4_000).ask('rauc', 'install', release)
      await eventually(() => device.isHeld(), Boolean)
      expect((await killed).result.kind).toBe('failed')
      const next = bench.perform('rauc', [verb], release)
      // Long enough to be refused: RAUC does one thing at a time.
      await bench.perform('rauc', ['probe'], release)
      await device.letGo()
      await next
      expect(await device.primary()).toBe(verb === 'install' ? 'B' : 'A')
      if (verb === 'install') expect((await held('B')).equals(content)).toBe(true)
    },
  )
})
