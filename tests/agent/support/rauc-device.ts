import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasTool, runTool } from '../../../build/agent-package/run.ts'
import { eventually } from '../../conformance/support/eventually.ts'
import { makeRaucBundle, writeRaucFiles } from './rauc-files.ts'

type Slot = 'A' | 'B'

/** A machine with two slots that are plain files, and the genuine RAUC with a bus of its own to keep them. */
export interface RaucDevice {
  /** Goes before what is in PATH: the commands of RAUC, for this device. */
  readonly bin: string
  readonly osRelease: string
  /** Makes a signed bundle, and resolves with its path. */
  bundle(version: string, content: Buffer, signer?: 'own' | 'other'): Promise<string>
  content(slot: Slot, length: number): Promise<Buffer>
  /** Which slot the boot loader would take. */
  primary(): Promise<Slot>
  isGood(slot: Slot): Promise<boolean>
  /** Starts that slot, which says that this version runs. */
  reboot(version: string): Promise<Slot>
  /** From now on no installation gets to its end. */
  hold(): Promise<void>
  isHeld(): Promise<boolean>
  letGo(): Promise<void>
  stop(): Promise<void>
}

/** Why it cannot be had here; undefined when it can. */
export async function whyNoRauc(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root may mount a bundle'
  for (const tool of ['rauc', 'mksquashfs', 'dbus-daemon', 'busctl', 'openssl'])
    if (!(await isThere(tool))) return `there is no ${tool} here`
  return undefined
}

/** Some of them know no --version. */
function isThere(tool: string): Promise<boolean> {
  return tool === 'mksquashfs' || tool === 'openssl'
    ? runTool('sh', ['-c', `command -v ${tool}`]).then(
        () => true,
        () => false,
      )
    : hasTool(tool)
}

export async function startRauc(folder: string): Promise<RaucDevice> {
  const at = (name: string) => join(folder, name)
  await writeRaucFiles(folder)
  await mkdir(at('bin'))
  await writeFile(at('bus.conf'), busConf(at('bus')))
  const address = `DBUS_SYSTEM_BUS_ADDRESS=unix:path=${at('bus')}`
  for (const name of ['rauc', 'busctl']) {
    await writeFile(at(`bin/${name}`), `#!/bin/sh\n${address} exec /usr/bin/${name} "$@"\n`)
    await chmod(at(`bin/${name}`), 0o755)
  }
  const bus = spawn('dbus-daemon', [`--config-file=${at('bus.conf')}`, '--nofork', '--nopidfile'], {
    stdio: 'ignore',
  })
  let service = await startService(folder, 'A')

  const primary = async () => ((await readFile(at('boot/primary'), 'utf8')).trim() === 'A' ? 'A' : 'B')
  return {
    ...{ bin: at('bin'), osRelease: at('os-release'), primary },
    bundle: (version, content, signer = 'own') => makeRaucBundle(folder, { version, content, signer }),
    async content(slot, length) {
      const file = await open(at(slot))
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0)
      await file.close()
      return buffer
    },
    isGood: async (slot) =>
      (await readFile(at(`boot/${slot}`), 'utf8').catch(() => 'good')).trim() === 'good',
    async reboot(version) {
      await end(service)
      const slot = await primary()
      await writeFile(at('os-release'), `ID=pump\nIMAGE_VERSION="${version}"\n`)
      service = await startService(folder, slot)
      return slot
    },
    hold: () => writeFile(at('boot/hold'), ''),
    isHeld: () => Promise.resolve(existsSync(at('boot/held'))),
    letGo: () => rm(at('boot/hold')),
    async stop() {
      await end(service)
      await end(bus)
    },
  }
}

async function startService(folder: string, slot: Slot): Promise<ChildProcess> {
  const rauc = join(folder, 'bin/rauc')
  const conf = `--conf=${join(folder, 'system.conf')}`
  const service = spawn(rauc, ['service', `--override-boot-slot=${slot}`, conf], { stdio: 'ignore' })
  const isUp = () =>
    runTool(rauc, ['status', conf]).then(
      () => true,
      () => false,
    )
  await eventually(isUp, Boolean)
  return service
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  if (child.exitCode === null && child.kill()) await ended
}

function busConf(socket: string): string {
  const rules = ['send_destination', 'receive_sender', 'own', 'user'].map((name) => `<allow ${name}="*"/>`)
  return `<busconfig><type>system</type><listen>unix:path=${socket}</listen>
<policy context="default">${rules.join('')}</policy></busconfig>`
}
