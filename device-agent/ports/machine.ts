/** The computer on which the agent runs. */
export interface Machine {
  readonly platform: string
  /** Why this machine cannot reboot by itself or could not prove it; undefined when it can. */
  readonly refusal: string | undefined
  /** Changes with every start of the machine, and with nothing else. */
  bootId(): Promise<string>
  bootedAt(): Promise<Date>
  firmwareVersion(): Promise<string>
  /** Resolves when the reboot was ordered; rejects when the order was refused. */
  reboot(reason: string): Promise<void>
  /** The same without waiting for what does not end; absent where there is no such way. */
  readonly forceReboot?: (reason: string) => Promise<void>
  /** What a factory reset does here; absent where none is set up. */
  readonly reset?: FactoryReset
}

export interface FactoryReset {
  /** What is emptied, and what is left in place, in words for a person. */
  readonly wipes: readonly string[]
  readonly keeps: readonly string[]
  /** Whether the device still knows afterwards who it is. */
  readonly willReturn: boolean
  /** Empties it all, or what is still left of it. Rejects with what could not be removed. */
  wipe(): Promise<void>
}

/** The reason with which an agent is aborted that must vanish like one whose power is cut: it says no goodbye. */
export const powerCut = Symbol('power cut')
