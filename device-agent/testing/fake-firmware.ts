import type { FirmwareReport } from '../../contract/device/firmware.ts'
import { firmwareUpdateAction } from '../actions/firmware-update.ts'
import { flashInMemory, simulatedFirmware, simulatedVersion } from '../firmware/simulated-firmware.ts'
import type { FirmwareParts } from '../firmware/firmware-parts.ts'
import type { FirmwareRequest } from '../firmware/plan.ts'
import type { FirmwareProblem } from '../firmware/problem.ts'
import type { ModuleResult, ModuleVerb } from '../ports/update-module.ts'
import type { FakeClock } from './fake-clock.ts'
import {
  startSimulatedDevice,
  type SimulatedDevice,
  type SimulatedDeviceOptions,
} from './simulated-device.ts'

/** What goes wrong with an update; everything else goes well. */
export interface FirmwareFaults {
  /** Asked at each judgement: 1 is the call, 2 the beginning, 3 the last look before the installation. */
  readonly judge?: (look: number) => FirmwareProblem | undefined
  /** The release beside the package: only what it names a version of is signed then. */
  readonly found?: FirmwareRequest
  readonly fetch?: () => Promise<void>
  readonly verify?: () => Promise<void>
  /** What the module says instead of doing it; undefined lets it do it. */
  readonly module?: (verb: ModuleVerb, bootId: string) => Promise<ModuleResult | undefined> | undefined
  readonly health?: (signal: AbortSignal) => Promise<string | undefined>
  readonly needsReboot?: boolean
  readonly raiseFloor?: (sequence: number) => Promise<void>
  /** Whether the process is dead: nothing that it does has an effect any more. */
  readonly isDead?: () => boolean
}

export interface FirmwareDevice extends SimulatedDevice {
  /** What was asked of the module, in order. */
  readonly verbs: readonly ModuleVerb[]
  readonly floors: readonly number[]
  update(payload?: object): Promise<unknown>
  firmwareReport(): FirmwareReport | undefined
  /** Lets all of it happen: download, reboots, health checks, and what is tried again. */
  finish(): Promise<FirmwareReport | undefined>
  /** What the machine would run in this boot. */
  version(bootId: string): Promise<string>
}

export const firmwareAddress = 'https://firmware.example/pump.bin?sig=token'

/** A device whose firmware is simulated, with what may go wrong in the hand of the test. */
export async function startFirmwareDevice(
  faults: FirmwareFaults = {},
  options: SimulatedDeviceOptions = {},
): Promise<FirmwareDevice> {
  const verbs: ModuleVerb[] = []
  const floors: number[] = []
  const flash = { disk: flashInMemory(), factoryVersion: '1.0' }
  const clock: { current?: FakeClock } = {}
  const parts = faultyParts(faults, { verbs, floors, flash, clock })
  const device = await startSimulatedDevice({ ...options, actions: [firmwareUpdateAction(parts)] })
  clock.current = device.clock
  const firmwareReport = () => device.report().firmwareUpdate
  return {
    ...device,
    verbs,
    floors,
    firmwareReport,
    async finish() {
      for (let minutes = 0; minutes < 30; minutes += 1) await device.clock.advance(60_000)
      return firmwareReport()
    },
    version: (bootId) => simulatedVersion(flash, bootId),
    update: (payload = {}) =>
      device.hub.call('firmwareUpdate', {
        ...{ actionId: 'update-1', notAfter: '2026-01-01T01:00:00Z' },
        ...{ fwPackageUri: firmwareAddress, fwVersion: '2.0' },
        ...payload,
      }),
  }
}

interface World {
  readonly verbs: ModuleVerb[]
  readonly floors: number[]
  readonly flash: Parameters<typeof simulatedVersion>[0]
  readonly clock: { current?: FakeClock }
}

function faultyParts(faults: FirmwareFaults, { verbs, floors, flash, clock }: World): FirmwareParts {
  const lateClock = {
    sleep: (durationMs: number, signal: AbortSignal) =>
      clock.current === undefined
        ? Promise.reject(new Error('too early'))
        : clock.current.sleep(durationMs, signal),
  }
  const base = simulatedFirmware({ ...flash, clock: { ...noClock, ...lateClock }, downloadMs: 10_000 })
  let looks = 0
  return {
    ...base,
    async judge(request) {
      const problem = faults.judge?.((looks += 1))
      if (problem !== undefined) return { problem }
      const { plan } = await base.judge(request)
      const isUnsigned = faults.found !== undefined && request.fwVersion === undefined
      return plan === undefined || isUnsigned
        ? { problem: { code: 'unsigned', message: '' } }
        : { plan: { ...plan, sequence: 7 } }
    },
    packages: {
      ...base.packages,
      findRelease: (address) => Promise.resolve(faults.found ?? { fwPackageUri: address }),
      fetch: async (plan, context) => (faults.fetch ? faults.fetch() : base.packages.fetch(plan, context)),
      verify: async (plan) => (faults.verify ? faults.verify() : base.packages.verify(plan)),
    },
    async runModule(call, signal) {
      if (faults.isDead?.() === true) return new Promise(() => undefined)
      verbs.push(call.verb)
      const result = (await faults.module?.(call.verb, call.bootId)) ?? (await base.runModule(call, signal))
      return result.kind === 'done' ? { ...result, needsReboot: faults.needsReboot ?? true } : result
    },
    checkHealth: (_version, signal) => faults.health?.(signal) ?? Promise.resolve(undefined),
    async raiseFloor(sequence) {
      if (faults.isDead?.() === true) return new Promise(() => undefined)
      await faults.raiseFloor?.(sequence)
      floors.push(sequence)
    },
  }
}

const noClock = { now: () => 0, isSynced: () => true, uptime: () => 0 }
