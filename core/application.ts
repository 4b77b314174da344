import type { AppApi } from '../contract/app/api.ts'
import type { Handlers } from '../contract/rpc/contract.ts'
import type { Desktop } from './ports/desktop.ts'
import type { LocalHubProcess } from './ports/local-hub-process.ts'
import type { Log } from './ports/log.ts'
import type { SecretStore } from './ports/secret-store.ts'

/** What a host gives the application. */
export interface Host {
  readonly version: string
  readonly platform: string
  /** The operating system's user, for the journal. */
  readonly userName: string
  /** A folder of this user's that only one instance of the app uses. */
  readonly dataFolder: string
  readonly secrets: SecretStore
  readonly desktop: Desktop
  readonly localHub: LocalHubProcess
  readonly log: Log
}

export interface Application {
  readonly handlers: Handlers<AppApi>
  /** Stops following, ends the local hub, and closes the files. What is under way is in the journal. */
  close(): Promise<void>
}

export async function createApplication(host: Host): Promise<Application> {
  await Promise.resolve()
  throw new Error(`Not composed yet: ${host.version}`)
}
