import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNoDevice } from '../agent/support/booted-device.ts'
import { hideContainer } from '../agent/support/ordinary-machine.ts'
import { openPackagedDevice, textOf, type PackagedDevice } from '../agent/support/packaged-device.ts'
import { whyNoRauc } from '../agent/support/rauc-device.ts'
import { makeRaucBundle, writeRaucFiles } from '../agent/support/rauc-files.ts'
import { makeSwupdateImage, whyNoSwupdate } from '../agent/support/swupdate-image.ts'

const missing = (await whyNoDevice()) ?? (await whyNoRauc()) ?? (await whyNoSwupdate())
const because = missing === undefined ? '' : ` (skipped: ${missing})`

/** Where the slots are, on the machine. */
const [rauc, swupdate] = ['/var/lib/pump-rauc', '/var/lib/pump-swupdate']

/** A root file system that says which one it is, as far as the modules look. */
function image(version: string): Buffer {
  return Buffer.from(`IMAGE_VERSION=${version}\n`.padEnd(1024 * 1024, '\n'))
}

/** What a boot loader does, and what a container lacks: RAUC mounts its bundles. */
const atStart = `
cp ${rauc}/boot/primary /run/booted-slot
mknod /dev/loop-control c 10 237
for number in $(seq 0 31); do mknod /dev/loop$number b 7 $number; done`

const raucService = `[Service]
ExecStart=
ExecStart=/bin/sh -c 'exec rauc service --override-boot-slot=$$(cat /run/booted-slot)'
`

describe.skipIf(missing !== undefined)(
  `genuine updaters, by root, on a machine that reboots${because}`,
  () => {
    let field: PackagedDevice
    beforeAll(async () => {
      field = await openPackagedDevice()
      const { device } = field
      for (const folder of ['etc/drover-agent/modules', 'etc/rauc', 'etc/systemd/system/rauc.service.d'])
        mkdirSync(device.at(folder), { recursive: true })
      await writeRaucFiles(device.at(rauc), rauc)
      for (const slot of [`${rauc}/A`, `${swupdate}/slot`]) {
        mkdirSync(device.at(swupdate), { recursive: true })
        writeFileSync(device.at(slot), image('1.0'))
      }
      copyFileSync(device.at(`${rauc}/system.conf`), device.at('etc/rauc/system.conf'))
      writeFileSync(device.at('etc/systemd/system/rauc.service.d/slot.conf'), raucService)
      writeFileSync(
        device.at('etc/drover-agent/modules/rauc.conf'),
        `OS_RELEASE="${rauc}/$(cat /run/booted-slot)"\n`,
      )
      const wellProgram =
        '#!/bin/sh\ncase "$DROVER_VERSION" in 3.*) echo the pump leaks >&2; exit 1 ;; esac\n'
      writeFileSync(device.at('usr/local/bin/pump-is-well'), wellProgram, { mode: 0o755 })
      const health = 'firmware-health-check = /usr/local/bin/pump-is-well\nfirmware-health-time = 15\n'
      appendFileSync(device.at('etc/drover-agent/agent.conf'), health)
      await hideContainer(field, atStart)
    })
    afterAll(() => field.close())

    const primary = () => textOf(field.device, `${rauc}/boot/primary`).trim()
    const holds = (slot: string, version: string) =>
      readFileSync(field.device.at(slot)).subarray(0, image(version).length).equals(image(version))

    /** Signs what RAUC has signed once more, and has it installed. Resolves with how often the machine rebooted too. */
    async function update(module: string, version: string, content: Buffer) {
      const before = field.device.starts()
      const end = await field.update(content, field.release(content, { module, version, sequence: 5 }))
      return { ...end, reboots: field.device.starts() - before }
    }
    const bundle = async (version: string) =>
      readFileSync(await makeRaucBundle(field.device.at(rauc), { version, content: image(version) }))

    test('RAUC writes the other slot, the machine starts it, and it is kept', async () => {
      expect(await update('rauc', '2.0', await bundle('2.0'))).toEqual({
        status: 'applyComplete',
        code: undefined,
        reboots: 1,
      })
      expect([primary(), holds(`${rauc}/B`, '2.0'), holds(`${rauc}/A`, '1.0')]).toEqual(['B', true, true])
      expect(textOf(field.device, `${rauc}/boot/B`).trim()).toBe('good')
      // Root has done it: the agent's own modules keep what they know in the folder of the agent.
      expect(existsSync(field.device.at('var/lib/drover-agent-firmware/modules/rauc'))).toBe(true)
      expect(existsSync(field.device.at('var/lib/drover-agent/firmware/modules'))).toBe(false)
    })

    test('what is not well is left by another reboot, and its slot is never started again', async () => {
      expect(await update('rauc', '3.0', await bundle('3.0'))).toEqual({
        status: 'rolledBack',
        code: 'unhealthy',
        reboots: 2,
      })
      expect([primary(), holds(`${rauc}/B`, '2.0')]).toEqual(['B', true])
      expect(textOf(field.device, `${rauc}/boot/A`).trim()).toBe('bad')
      expect((await field.device.run('cat', '/run/booted-slot')).trim()).toBe('B')
    })

    test('SWUpdate writes its image, the machine starts it, and it is kept', async () => {
      const parts = { version: '2.0', content: image('2.0'), slot: `${swupdate}/slot` }
      const { path } = await makeSwupdateImage(field.device.at(swupdate), parts)
      const settings = {
        OPTIONS: `-e stable,copy2 -H board:1.0 -k ${swupdate}/own.pem`,
        COMMIT: `echo kept >> ${swupdate}/boot`,
        ROLLBACK: `echo back >> ${swupdate}/boot`,
        OS_RELEASE: `${swupdate}/slot`,
      }
      const lines = Object.entries(settings).map(([name, value]) => `${name}='${value}'\n`)
      writeFileSync(field.device.at('etc/drover-agent/modules/swupdate.conf'), lines.join(''))
      expect(await update('swupdate', '2.0', readFileSync(path))).toEqual({
        status: 'applyComplete',
        code: undefined,
        reboots: 1,
      })
      expect(holds(`${swupdate}/slot`, '2.0')).toBe(true)
      expect(textOf(field.device, `${swupdate}/boot`)).toBe('kept\n')
    })
  },
)
