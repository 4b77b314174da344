import { mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { methodNames } from '../../contract/device/method.ts'
import { problemOfPlace } from '../adapters/owned-program.ts'
import { readRecord } from '../adapters/state-file.ts'
import { openUntrusted, untrustedFiles } from '../adapters/untrusted-file.ts'
import { judgeBy, moduleTimeoutMs } from '../firmware/device-firmware.ts'
import { floorFile } from '../firmware/floor-file.ts'
import { AskedUpdate } from '../firmware/installation.ts'
import { serveDoor, type Door } from '../firmware/installer-door.ts'
import { Installer } from '../firmware/installer.ts'
import { moduleProcesses } from '../firmware/module-process.ts'
import { downloadFolder, packagePath } from '../firmware/package-store.ts'
import type { AgentOptions } from '../options.ts'
import type { Log } from '../ports/log.ts'
import { shippedModules } from './firmware.ts'

/** What root does for an agent that has sent one word: a verb of the update modules, for what is signed. */
export async function serveInstaller(options: AgentOptions, door: Door, log: Log): Promise<void> {
  const { firmware, stateFolder } = options
  const folder = firmware.installerFolder
  await mkdir(folder, { recursive: true })
  const problem = await problemOfPlace(folder)
  if (problem !== undefined) throw new Error(`${folder} ${problem}`)
  const path = packagePath(downloadFolder(stateFolder))
  const floor = floorFile(join(folder, 'floor'))
  const judging = {
    options: { ...firmware, unsignedModule: undefined },
    ...{ floor, now: Date.now, problemOf: problemOfPlace },
  }
  const installer = new Installer({
    ...{ folder, floor },
    judge: (request) => judgeBy(request, judging),
    bootId: async () => (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
    asked: () => askedUpdate(stateFolder, log),
    openPackage: async () => openUntrusted(path, (await stat(stateFolder)).uid),
    runModule: moduleProcesses({
      folders: {
        programs: [firmware.modulesFolder, shippedModules()],
        ...{ configuration: firmware.moduleSettingsFolder, state: join(folder, 'modules') },
      },
      ...{ log, timeoutMs: moduleTimeoutMs, problemOf: problemOfPlace },
    }),
  })
  await serveDoor(door, (verb, onProgress) => installer.perform(verb, onProgress))
}

/** Undefined when the record has no update, or one that no agent of ours has written. */
async function askedUpdate(stateFolder: string, log: Log): Promise<AskedUpdate | undefined> {
  const { running } = (await readRecord(stateFolder, log, untrustedFiles)) ?? {}
  if (running?.kind !== methodNames.firmwareUpdate) return undefined
  const release = running.step?.['release']
  return AskedUpdate.safeParse({ ...running, ...(release !== undefined && { request: release }) }).data
}
