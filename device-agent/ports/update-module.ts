/** What an update module is asked to do. Each may be asked again after an interruption, and must come out the same. */
export type ModuleVerb = 'probe' | 'install' | 'commit' | 'rollback'

export interface ModuleCall {
  readonly module: string
  readonly verb: ModuleVerb
  readonly actionId: string
  /** Whether a trusted key stands for the package. */
  readonly isSigned: boolean
  /** Changes with every start of the machine. */
  readonly bootId: string
  /** What is installed; empty texts stand for what nobody signed. */
  readonly package: {
    readonly path: string
    readonly version: string
    readonly sha256: string
    readonly size: number
  }
  readonly onProgress?: (percent: number) => void
}

export type ModuleResult =
  | {
      readonly kind: 'done'
      /** What runs now, where the module can tell. */
      readonly version: string | undefined
      /** Whether what is installed counts only after a reboot. */
      readonly needsReboot: boolean
    }
  /** Not on this device: nothing was touched. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }

/** Rejects only when aborted. */
export type RunModule = (call: ModuleCall, signal: AbortSignal) => Promise<ModuleResult>
