import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { z } from 'zod'
import { writeDurably } from '../adapters/durable-file.ts'
import type { Network } from '../adapters/network.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { deviceFirmware } from '../firmware/device-firmware.ts'
import type { FirmwareParts } from '../firmware/firmware-parts.ts'
import { shippedModulesFolder } from '../firmware/firmware-settings.ts'
import { simulatedFirmware, simulatedVersion, type FlashDisk } from '../firmware/simulated-firmware.ts'
import type { AgentOptions } from '../options.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Machine } from '../ports/machine.ts'

export interface FirmwareSurroundings {
  readonly network: Network
  readonly clock: Clock
  readonly log: Log
}

/** How this machine, or the one that it pretends to be, takes firmware. */
export function firmwareOf(
  options: AgentOptions,
  { network, clock, log }: FirmwareSurroundings,
): Promise<FirmwareParts> {
  if (options.simulatedDownMs !== undefined) {
    return Promise.resolve(simulatedFirmware({ ...flashOf(options), clock: systemClock, downloadMs: 5_000 }))
  }
  const { firmware, stateFolder } = options
  return deviceFirmware({
    ...{ options: firmware, stateFolder, shippedModules: shippedModules(), clock, log },
    hasInstaller: existsSync(firmware.installerSocket),
    connection: network,
    random: Math.random,
  })
}

/** A simulated machine that runs what its last update has left. */
export function withFirmware(machine: Machine, options: AgentOptions): Machine {
  return {
    ...machine,
    firmwareVersion: async () => simulatedVersion(flashOf(options), await machine.bootId()),
  }
}

function flashOf({ stateFolder }: AgentOptions): { disk: FlashDisk; factoryVersion: string } {
  return { disk: flashFile(join(stateFolder, 'simulated-flash.json')), factoryVersion: 'simulated 1.0.0' }
}

const Flash = z.object({
  running: z.string(),
  next: z.string(),
  writtenIn: z.string(),
  committed: z.string(),
})

function flashFile(path: string): FlashDisk {
  return {
    async read() {
      try {
        return Flash.parse(JSON.parse(await readFile(path, 'utf8')))
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
    async write(flash) {
      await mkdir(dirname(path), { recursive: true })
      await writeDurably(path, JSON.stringify(flash))
    },
  }
}

/** Beside the agent, where it was unpacked to another place than the packages have. */
export function shippedModules(): string {
  const beside = join(dirname(process.execPath), 'update-modules')
  return existsSync(beside) ? beside : shippedModulesFolder
}
