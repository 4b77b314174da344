import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../message-of.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { DownloadLimits } from './download.ts'
import { defaultFirmwareSettings, type FirmwareParts } from './firmware-parts.ts'
import type { FirmwareOptions } from './firmware-settings.ts'
import { floorFile, type FirmwareFloor } from './floor-file.ts'
import { moduleProcesses } from './module-process.ts'
import type { PackageConnection } from './package-source.ts'
import { packageStore } from './package-store.ts'
import { judgeFirmware, type FirmwareRequest, type Judgement } from './plan.ts'
import { runProgram } from './program.ts'
import { readTrustedKeys } from './trusted-keys.ts'

export interface DeviceFirmwareOptions {
  readonly options: FirmwareOptions
  /** Of the agent: the floor, the package and what the modules keep are below it. */
  readonly stateFolder: string
  readonly shippedModules: string
  readonly connection: PackageConnection
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly limits?: DownloadLimits
}

/** A module may unpack and write for long; one that takes longer than this hangs. */
const moduleTimeoutMs = 2 * 3_600_000

const healthCheckTimeoutMs = 60_000

/** How this device takes firmware. A mistake in its keys takes the action away, and is its reason. */
export async function deviceFirmware(device: DeviceFirmwareOptions): Promise<FirmwareParts> {
  const { options, stateFolder, connection, clock, random, log, limits } = device
  const folder = join(stateFolder, 'firmware')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const floor = floorFile(join(folder, 'floor'))
  return {
    refusal: await whyNot(options),
    judge: (request) => judge(request, { options, floor, clock }),
    packages: packageStore({
      ...{ folder: join(folder, 'download'), connection, clock, random },
      ...(limits && { limits }),
    }),
    runModule: moduleProcesses({
      folders: {
        programs: [options.modulesFolder, device.shippedModules],
        configuration: options.moduleSettingsFolder,
        state: join(folder, 'modules'),
      },
      ...{ log, timeoutMs: moduleTimeoutMs },
    }),
    checkHealth: (version, signal) => checkHealth(options.healthCheck, version, signal),
    raiseFloor: (sequence) => floor.raise(sequence),
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

interface Judging {
  readonly options: FirmwareOptions
  readonly floor: FirmwareFloor
  readonly clock: Clock
}

/** By the keys as they are now: one that was taken away is not trusted any more. What cannot be read trusts nobody. */
async function judge(request: FirmwareRequest, { options, floor, clock }: Judging): Promise<Judgement> {
  const { keysFolder, hardware, unsignedModule } = options
  try {
    const keys = await readTrustedKeys(keysFolder)
    const trust = { keys, hardware, unsignedModule, floor: await floor.read(), now: clock.now() }
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
