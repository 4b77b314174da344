import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { runTool } from '../../build/agent-package/run.ts'
import { systemClock } from '../../device-agent/adapters/system-clock.ts'
import { checkFirmware } from '../../device-agent/commands/check-firmware.ts'
import { deviceFirmware } from '../../device-agent/firmware/device-firmware.ts'
import { largestPackage, reserveSpace } from '../../device-agent/firmware/disk-space.ts'
import { copySigned } from '../../device-agent/firmware/package-copy.ts'
import { generateKeyPair } from '../../device-agent/firmware/signing.ts'
import { toOptions } from '../../device-agent/options.ts'
import { serve, startFirmwareServer, sha256Of, type FirmwareServer } from './support/firmware-server.ts'

const missing = whyNoDisk()
const because = missing === undefined ? '' : ` (skipped: ${missing})`

function whyNoDisk(): string | undefined {
  if (process.platform !== 'linux') return 'a disk of its own is made by Linux'
  return process.getuid?.() === 0 ? undefined : 'only root may mount a disk'
}

const MiB = 1024 * 1024
const never = new AbortController().signal

/** Disks of 64 MiB, of which 16 have to stay free. */
describe.skipIf(missing !== undefined)(`room for firmware${because}`, () => {
  let folder: string
  const [agent, other] = [() => join(folder, 'agent'), () => join(folder, 'other')]

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'drover-space-'))
    for (const each of [agent(), other()]) {
      mkdirSync(each)
      await runTool('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', each])
    }
  })
  afterEach(async () => {
    for (const each of [agent(), other()]) await runTool('find', [each, '-mindepth', '1', '-delete'])
  })
  afterAll(async () => {
    for (const each of [agent(), other()]) await runTool('umount', [each])
    rmSync(folder, { recursive: true })
  })

  /** For a package of which so much is there, and which is gone afterwards. */
  async function reserve(mebibytes: number, copyFolder?: string, there = 0): Promise<void> {
    const path = join(agent(), 'package')
    writeFileSync(path, Buffer.alloc(there * MiB))
    try {
      await reserveSpace(path, { size: mebibytes * MiB, offset: there * MiB, copyFolder })
      expect(free(agent()), 'the blocks are set aside').toBe((64 - mebibytes) * MiB)
    } finally {
      rmSync(path)
    }
  }
  const free = (where: string) => statfsSync(where).bavail * statfsSync(where).bsize

  test('the copy of root counts where it is on the same disk, also before its folder is made', async () => {
    const copy = join(agent(), 'root/copy')
    await reserve(40)
    await expect(reserve(40, copy)).rejects.toMatchObject({
      code: 'no-space',
      message: `the package and the copy that root makes of it need ${80 * MiB} bytes more; ${64 * MiB} are free, of which ${16 * MiB} have to stay free`,
    })
    await reserve(24, copy)
  })

  test('what is there already of a package is needed for the copy alone', async () => {
    await reserve(24, agent(), 8)
    await expect(reserve(25, agent(), 8)).rejects.toMatchObject({ code: 'no-space' })
  })

  test('on another disk it is asked for there', async () => {
    const copy = join(other(), 'copy')
    await reserve(40, copy)
    writeFileSync(join(other(), 'full'), Buffer.alloc(10 * MiB))
    await expect(reserve(40, copy)).rejects.toThrow(
      `makes in ${copy} needs ${40 * MiB} bytes more; ${54 * MiB}`,
    )
  })

  test.each([
    ['without root', () => undefined, 48],
    ['with root on the same disk', () => join(agent(), 'root'), 24],
    ['with root on another one', () => join(other(), 'root'), 38],
  ])('the largest package is the largest that is taken: %s', async (_how, copyFolder, mebibytes) => {
    writeFileSync(join(other(), 'full'), Buffer.alloc(10 * MiB))
    const largest = await largestPackage({ folder: agent(), copyFolder: copyFolder() })
    expect(largest).toBe(mebibytes * MiB)
    await expect(reserve(largest / MiB + 1, copyFolder())).rejects.toMatchObject({ code: 'no-space' })
    await reserve(largest / MiB, copyFolder())
  })

  test('a full disk has room for no package', async () => {
    writeFileSync(join(agent(), 'full'), Buffer.alloc(60 * MiB))
    expect(await largestPackage({ folder: agent() })).toBe(0)
  })

  test('root says what is wrong when the disk is full all the same, and leaves nothing behind', async () => {
    const content = Buffer.alloc(8 * MiB, 1)
    writeFileSync(join(other(), 'package'), content)
    writeFileSync(join(agent(), 'full'), Buffer.alloc(60 * MiB))
    const openSource = () => open(join(other(), 'package'))
    const signed = { sha256: sha256Of(content), size: content.length }
    await expect(copySigned(openSource, join(agent(), 'copy'), signed)).rejects.toMatchObject({
      code: 'no-space',
    })
    expect(free(agent())).toBe(4 * MiB)
  })

  describe('of a device', () => {
    let server: FirmwareServer
    const content = Buffer.alloc(30 * MiB, 2)
    beforeAll(async () => {
      server = await startFirmwareServer(serve({ bytes: content }))
    })
    afterAll(() => server.close())

    const options = () =>
      toOptions({
        ...{
          'state-dir': agent(),
          'firmware-dir': join(agent(), 'root'),
          'firmware-keys': join(other(), 'keys'),
        },
        ...{ 'installer-socket': join(other(), 'door.sock'), 'firmware-hardware': 'pump-mk2' },
        ...{ 'firmware-modules': join(other(), 'a'), 'firmware-module-settings': join(other(), 'b') },
      })

    /** Fetches what is 30 MiB large. */
    async function fetch(isSigned: boolean, hasInstaller: boolean): Promise<void> {
      const { firmware, stateFolder } = options()
      const { packages } = await deviceFirmware({
        ...{ options: firmware, stateFolder, shippedModules: other(), hasInstaller, clock: systemClock },
        ...{ connection: { requestOptions: () => ({ ca: server.ca }) }, random: Math.random },
        log: () => undefined,
      })
      const plan = {
        address: server.address,
        module: 'file',
        sha256: sha256Of(content),
        size: content.length,
      }
      const context = { bootId: 'b', signal: never, onProgress: () => undefined }
      await packages.fetch({ ...plan, ...(isSigned && { sequence: 1 }) }, context)
      await packages.discard()
    }

    test('signed firmware that root would have no room for is refused before a byte is asked for', async () => {
      await expect(fetch(true, true)).rejects.toMatchObject({ code: 'no-space' })
      expect(server.ranges).toEqual([])
      await fetch(true, false)
      await fetch(false, true)
      expect(server.ranges).toHaveLength(2)
    })

    test('the check says how large a package may be, and that it will be there twice', async () => {
      mkdirSync(join(other(), 'keys'))
      writeFileSync(join(other(), 'keys/a.pem'), generateKeyPair().publicPem)
      const room = async () => (await checkFirmware(options())).text.split('; ').at(-1)
      expect(await room()).toBe('there is room for a package of 50 MB')
      writeFileSync(join(other(), 'door.sock'), '')
      expect(await room()).toBe('there is room for a package of 25 MB, which will be there twice')
      writeFileSync(join(agent(), 'full'), Buffer.alloc(50 * MiB))
      expect(await checkFirmware(options())).toMatchObject({ verdict: 'problem' })
      expect(await room()).toBe('there is no room on the disk for any package')
    })
  })
})
