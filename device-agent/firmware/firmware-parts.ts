import type { ModuleCall, RunModule } from '../ports/update-module.ts'
import type { FirmwarePlan, FirmwareRequest, Judgement } from './plan.ts'

export interface FirmwareSettings {
  /** From the start of what is new until it must be well. */
  readonly healthMs: number
  /** Between two looks at it. */
  readonly healthPollMs: number
  /** So often the agent may start with it, and so often what does not succeed is tried again. */
  readonly tries: number
  readonly retryMs: number
}

export const defaultFirmwareSettings: FirmwareSettings = {
  healthMs: 300_000,
  healthPollMs: 5_000,
  tries: 3,
  retryMs: 5_000,
}

/** Where packages come from, and where they are on this device. */
export interface PackageStore {
  /** Resolves when the whole package is on the disk. Rejects with a `FirmwareError`, or when aborted. */
  fetch(plan: FirmwarePlan, at: FetchContext): Promise<void>
  /** The signed release that lies beside the package at this address. Rejects with a `FirmwareError`, or when aborted. */
  findRelease(address: string, at: Pick<FetchContext, 'bootId' | 'signal'>): Promise<FirmwareRequest>
  /** Rejects with a `FirmwareError` when what is on the disk is not what was planned. */
  verify(plan: FirmwarePlan): Promise<void>
  /** What the module is told of it. */
  describe(plan: FirmwarePlan): ModuleCall['package']
  discard(): Promise<void>
}

export interface FetchContext {
  readonly bootId: string
  readonly onProgress: (percent: number) => void
  readonly signal: AbortSignal
}

/** All that an update needs of its surroundings. */
export interface FirmwareParts {
  /** Why no firmware can be installed on this device at all, if so. */
  readonly refusal: string | undefined
  /** By what this device trusts at this moment. */
  readonly judge: (request: FirmwareRequest) => Promise<Judgement>
  readonly packages: PackageStore
  readonly runModule: RunModule
  /** The owner's own check of the new system: why it is not well, or undefined. Rejects only when aborted. */
  readonly checkHealth: (version: string, signal: AbortSignal) => Promise<string | undefined>
  /** After the commit: nothing older is taken from now on. */
  readonly raiseFloor: (sequence: number) => Promise<void>
  readonly settings: FirmwareSettings
}
