import { existsSync } from 'node:fs'
import { problemOfPlace } from '../adapters/owned-program.ts'
import { largestPackage } from '../firmware/disk-space.ts'
import type { FirmwareOptions } from '../firmware/firmware-settings.ts'
import type { AgentOptions } from '../options.ts'
import { whyNot } from '../firmware/device-firmware.ts'
import { readTrustedKeys } from '../firmware/trusted-keys.ts'
import type { Finding } from './check.ts'

const subject = 'action firmwareUpdate'

/** What would become of an update on this machine. */
export async function checkFirmware({
  firmware,
  stateFolder,
  simulatedDownMs,
}: AgentOptions): Promise<Finding> {
  if (simulatedDownMs !== undefined)
    return { verdict: 'note', subject, text: 'would only pretend: this machine is simulated' }
  const { unsignedModule, hardware, keysFolder, healthCheck } = firmware
  if (unsignedModule !== undefined)
    return {
      verdict: 'note',
      subject,
      text: `${unsignedModule} would install what anyone sends who has the hub`,
    }
  const refusal = await whyNot(firmware)
  if (refusal !== undefined)
    return { verdict: 'note', subject, text: `would be refused with 501: ${refusal}` }
  const keys = [...(await readTrustedKeys(keysFolder)).keys()].join(', ')
  const health = healthCheck === undefined ? 'the hub answers' : `the hub answers and ${healthCheck} agrees`
  const problem = await problemForRoot(firmware)
  if (problem !== undefined) return { verdict: 'problem', subject, text: `would fail: ${problem}` }
  const room = await roomFor(firmware, stateFolder)
  const who = hasInstaller(firmware) ? 'root' : 'the agent itself'
  const text = `takes what is for ${hardware ?? ''} and signed by ${keys}; ${who} installs it; kept if ${health}`
  return { verdict: room.isEnough ? 'ok' : 'problem', subject, text: `${text}; ${room.text}` }
}

function hasInstaller({ installerSocket }: FirmwareOptions): boolean {
  return existsSync(installerSocket)
}

/** How large a package may be now. What a module keeps for the way back comes on top. */
async function roomFor(
  firmware: FirmwareOptions,
  folder: string,
): Promise<{ readonly isEnough: boolean; readonly text: string }> {
  const isCopied = hasInstaller(firmware)
  const copyFolder = isCopied ? firmware.installerFolder : undefined
  const largest = Math.floor((await largestPackage({ folder, copyFolder })) / 1e6)
  if (largest === 0) return { isEnough: false, text: 'there is no room on the disk for any package' }
  const twice = isCopied ? ', which will be there twice' : ''
  return { isEnough: true, text: `there is room for a package of ${largest} MB${twice}` }
}

/** What root would not believe, as others could have changed it. */
async function problemForRoot(firmware: FirmwareOptions): Promise<string | undefined> {
  if (!hasInstaller(firmware)) return undefined
  for (const folder of [firmware.keysFolder, firmware.modulesFolder, firmware.moduleSettingsFolder]) {
    const problem = await problemOfPlace(folder)
    if (problem !== undefined) return `${folder} ${problem}`
  }
  return undefined
}
