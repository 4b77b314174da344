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
}

/** The reason with which an agent is aborted that must vanish like one whose power is cut: it says no goodbye. */
export const powerCut = Symbol('power cut')
