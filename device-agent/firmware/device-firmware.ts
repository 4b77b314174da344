import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../message-of.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { RunModule } from '../ports/update-module.ts'
import type { DownloadLimits } from './download.ts'
import { defaultFirmwareSettings, type FirmwareParts } from './firmware-parts.ts'
import type { FirmwareOptions } from './firmware-settings.ts'
import { floorFile, type FirmwareFloor } from './floor-file.ts'
import { installerDoor } from './installer-door.ts'
import { moduleProcesses } from './module-process.ts'
import type { PackageConnection } from './package-source.ts'
import { downloadFolder, packageStore } from './package-store.ts'
import { judgeFirmware, type FirmwareRequest, type Judgement } from './plan.ts'
import { runProgram } from './program.ts'
import { readTrustedKeys } from './trusted-keys.ts'

export interface DeviceFirmwareOptions {
  readonly options: FirmwareOptions
  /** Of the agent: the floor, the package and what the modules keep are below it. */
  readonly stateFolder: string
  readonly shippedModules: string
  /** Without the privileged installer, the modules run with the rights of this process. */
  readonly hasInstaller?: boolean
  readonly connection: PackageConnection
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly limits?: DownloadLimits
}

/** A module may unpack and write for long; one that takes longer than this hangs. */
export const moduleTimeoutMs = 2 * 3_600_000

/** As long as its unit lets the installer run, which may have to take back an earlier update first. */
const installerTimeoutMs = 5 * 3_600_000

const healthCheckTimeoutMs = 60_000

/** How this device takes firmware. A mistake in its keys takes the action away, and is its reason. */
export async function deviceFirmware(device: DeviceFirmwareOptions): Promise<FirmwareParts> {
  const { options, stateFolder, connection, clock, random, limits, hasInstaller = false } = device
  const folder = join(stateFolder, 'firmware')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const floor = floorFile(join(hasInstaller ? options.installerFolder : folder, 'floor'))
  return {
    refusal: await whyNot(options),
    judge: (request) => judgeBy(request, { options, floor, now: () => clock.now() }),
    packages: packageStore({
      ...{ folder: downloadFolder(stateFolder), connection, clock, random },
      ...(hasInstaller && { installerFolder: options.installerFolder }),
      ...(limits && { limits }),
    }),
    runModule: modulesOf(device, join(folder, 'modules')),
    checkHealth: (version, signal) => checkHealth(options.healthCheck, version, signal),
    // Root has raised its own with the commit.
    raiseFloor: (sequence) => (hasInstaller ? Promise.resolve() : floor.raise(sequence)),
    settings: {
      ...defaultFirmwareSettings,
      ...(options.healthMs !== undefined && { healthMs: options.healthMs }),
    },
  }
}

/** Why this device takes no firmware, if it does not. */
export async function whyNot({
  keysFolder,
  hardware,
  unsignedModule,
}: FirmwareOptions): Promise<string | undefined> {
  if (unsignedModule !== undefined) return undefined
  try {
    const keys = await readTrustedKeys(keysFolder)
    if (keys.size === 0) return `no key is trusted for firmware: there is none in ${keysFolder}`
  } catch (error) {
    return messageOf(error)
  }
  return hardware === undefined
    ? 'firmware-hardware is not set: no manifest can be for this device'
    : undefined
}

/** What nobody signed is never installed with more rights than the agent's own. */
function modulesOf(device: DeviceFirmwareOptions, state: string): RunModule {
  const { options, shippedModules, hasInstaller = false, clock, log } = device
  const folders = {
    programs: [options.modulesFolder, shippedModules],
    ...{ configuration: options.moduleSettingsFolder, state },
  }
  const own = moduleProcesses({ folders, log, timeoutMs: moduleTimeoutMs })
  if (!hasInstaller) return own
  const socketPath = options.installerSocket
  const byRoot = installerDoor({ socketPath, clock, log, timeoutMs: installerTimeoutMs })
  return (call, signal) => (call.isSigned ? byRoot : own)(call, signal)
}

export interface Judging {
  readonly options: FirmwareOptions
  readonly floor: FirmwareFloor
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Says why a place of keys is not believed. */
  readonly problemOf?: (path: string) => Promise<string | undefined>
}

/** By the keys as they are now: one that was taken away is not trusted any more. What cannot be read trusts nobody. */
export async function judgeBy(request: FirmwareRequest, judging: Judging): Promise<Judgement> {
  const { options, floor, now, problemOf } = judging
  const { keysFolder, hardware, unsignedModule } = options
  try {
    const keys = await readTrustedKeys(keysFolder, problemOf)
    const trust = { keys, hardware, unsignedModule, floor: await floor.read(), now: now() }
    return judgeFirmware(request, trust)
  } catch (error) {
    return { problem: { code: 'untrusted', message: messageOf(error) } }
  }
}

async function checkHealth(
  program: string | undefined,
  version: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (program === undefined) return undefined
  const end = await runProgram(
    {
      path: program,
      parameters: [],
      environment: { DROVER_VERSION: version },
      timeoutMs: healthCheckTimeoutMs,
    },
    signal,
  )
  if (end.kind === 'late') return `the health check did not end in ${healthCheckTimeoutMs / 1000} s`
  if (end.kind === 'broken') return `the health check cannot be run: ${end.reason}`
  if (end.code === 0) return undefined
  return end.lastWords === '' ? `the health check ended with ${end.code}` : end.lastWords
}
