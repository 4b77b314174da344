import type { JsonObject } from '../domain/json.ts'

/** How to reach a local hub that runs in a process of its own. */
export interface LocalHubAccess {
  readonly hostName: string
  readonly httpsPort: number
  /** The certificate of the authority that the hub made for itself, PEM. */
  readonly caCertificate: string
  readonly connectionString: string
}

/** The hub on this machine, with its demo fleet: never in the process that holds real credentials. */
export interface LocalHubProcess {
  /**
   * Resolves when the hub answers and its devices are connecting: those of the scenario, or the demo fleet. One that
   * runs already ends first. Rejects when it could not start.
   */
  start(scenario?: JsonObject): Promise<LocalHubAccess>
  /** Called when a hub that had started has ended without being asked to. */
  onExit(listener: () => void): void
  stop(): Promise<void>
}
