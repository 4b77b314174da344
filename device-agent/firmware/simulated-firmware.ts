import type { Clock } from '../ports/clock.ts'
import type { ModuleCall, ModuleResult, RunModule } from '../ports/update-module.ts'
import { defaultFirmwareSettings, type FirmwareParts, type PackageStore } from './firmware-parts.ts'
import type { FirmwareRequest, Judgement } from './plan.ts'

/** What the simulated machine holds. Something new runs from the next boot on, as with real slots. */
export interface SimulatedFlash {
  /** What runs until then. */
  readonly running: string
  /** What runs in each boot but `writtenIn`. */
  readonly next: string
  readonly writtenIn: string
  /** What a rollback returns to. */
  readonly committed: string
}

export interface FlashDisk {
  /** Undefined on a machine that was never updated. */
  read(): Promise<SimulatedFlash | undefined>
  write(flash: SimulatedFlash): Promise<void>
}

export interface SimulatedFirmwareOptions {
  readonly disk: FlashDisk
  /** What it runs before its first update. */
  readonly factoryVersion: string
  readonly clock: Clock
  /** How long it pretends to download. */
  readonly downloadMs: number
}

/** Where a machine that only pretends has its firmware from, and what it does with it. It takes everything. */
export function simulatedFirmware(options: SimulatedFirmwareOptions): FirmwareParts {
  return {
    refusal: undefined,
    judge: pretendToJudge,
    packages: pretendedPackages(options),
    runModule: pretendedModule(options),
    checkHealth: () => Promise.resolve(undefined),
    raiseFloor: () => Promise.resolve(),
    settings: defaultFirmwareSettings,
  }
}

/** What runs in this boot. */
export async function simulatedVersion(
  { disk, factoryVersion }: Pick<SimulatedFirmwareOptions, 'disk' | 'factoryVersion'>,
  bootId: string,
): Promise<string> {
  const flash = await disk.read()
  return flash === undefined ? factoryVersion : effective(flash, bootId)
}

export function flashInMemory(): FlashDisk {
  let flash: SimulatedFlash | undefined
  return {
    read: () => Promise.resolve(flash),
    write(next) {
      flash = next
      return Promise.resolve()
    },
  }
}

function pretendToJudge({ fwPackageUri: address, fwVersion }: FirmwareRequest): Promise<Judgement> {
  if (!address.startsWith('https://'))
    return Promise.resolve({ problem: { code: 'insecure-address', message: 'Must use https:// protocol.' } })
  return Promise.resolve({ plan: { address, module: 'simulated', version: fwVersion ?? 'updated' } })
}

function pretendedPackages({ clock, downloadMs }: SimulatedFirmwareOptions): PackageStore {
  return {
    async fetch(_plan, { onProgress, signal }) {
      for (let percent = 20; percent <= 100; percent += 20) {
        await clock.sleep(downloadMs / 5, signal)
        onProgress(percent)
      }
    },
    // It takes what nobody has signed, so that nobody looks for a signature.
    findRelease: (fwPackageUri) => Promise.resolve({ fwPackageUri }),
    verify: () => Promise.resolve(),
    describe: ({ version = '' }) => ({ path: '', version, sha256: '', size: 0 }),
    discard: () => Promise.resolve(),
  }
}

function pretendedModule(options: SimulatedFirmwareOptions): RunModule {
  const { disk, factoryVersion } = options
  return async (call): Promise<ModuleResult> => {
    const running = await simulatedVersion(options, call.bootId)
    const flash = (await disk.read()) ?? asDelivered(factoryVersion)
    const next = afterVerb(call, flash, running)
    if (next !== undefined) await disk.write(next)
    return { kind: 'done', version: running, needsReboot: true }
  }
}

/** What a verb leaves in the flash; undefined when it leaves it as it is. */
function afterVerb({ verb, bootId, package: content }: ModuleCall, flash: SimulatedFlash, running: string) {
  switch (verb) {
    case 'probe':
      return undefined
    case 'install':
      return { ...flash, running, next: content.version, writtenIn: bootId }
    case 'commit':
      return { ...flash, committed: flash.next }
    case 'rollback':
      return { ...flash, running, next: flash.committed, writtenIn: bootId }
  }
}

function asDelivered(version: string): SimulatedFlash {
  return { running: version, next: version, writtenIn: '', committed: version }
}

function effective({ running, next, writtenIn }: SimulatedFlash, bootId: string): string {
  return writtenIn === bootId ? running : next
}
