import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ulid } from 'ulid'
import type { AppApi } from '../contract/app/api.ts'
import { ActionId } from '../contract/app/ids.ts'
import type { Handlers } from '../contract/rpc/contract.ts'
import { AzureHubGateway } from './adapters/azure-hub-gateway.ts'
import { JournalFile } from './adapters/journal-file.ts'
import { ProfileFile } from './adapters/profile-file.ts'
import { systemClock } from './adapters/system-clock.ts'
import type { Desktop } from './ports/desktop.ts'
import type { LocalHubProcess } from './ports/local-hub-process.ts'
import type { Log } from './ports/log.ts'
import type { SecretStore } from './ports/secret-store.ts'
import { ActionService } from './services/action-service.ts'
import { ActionStore } from './services/action-store.ts'
import { FleetService, type HubAccess } from './services/fleet-service.ts'
import { HubService } from './services/hub-service.ts'

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

interface Services {
  readonly hubs: HubService
  readonly fleet: FleetService
  readonly actions: ActionService
}

/** Errors: `internal` when the journal was changed by other hands. */
export async function createApplication(host: Host): Promise<Application> {
  const { dataFolder, log, secrets, localHub, userName } = host
  const clock = systemClock
  await mkdir(dataFolder, { recursive: true })
  const journal = await JournalFile.open(join(dataFolder, 'journal.log'))
  const store = await ActionStore.open(journal, clock)
  const hubs = await HubService.open({
    profiles: new ProfileFile(join(dataFolder, 'hubs.json'), log),
    openGateway: (connection, extraCa) => new AzureHubGateway(connection, extraCa),
    newId: ulid,
    secrets,
    localHub,
    clock,
    log,
  })
  const fleet = new FleetService({ hubs: hubs satisfies HubAccess, actions: store, clock, log })
  const newActionId = (): ActionId => ActionId.parse(ulid())
  const actions = new ActionService({ store, fleet, hubs, clock, log, userName, newActionId })

  return {
    handlers: handlers(host, { hubs, fleet, actions }),
    async close() {
      await actions.close()
      await hubs.close()
      await journal.close()
    },
  }
}

function handlers(host: Host, { hubs, fleet, actions }: Services): Handlers<AppApi> {
  return {
    app: {
      about: async () => ({
        version: host.version,
        platform: host.platform,
        protection: await host.secrets.protection(),
      }),
      async copyText({ text }) {
        await host.desktop.copyText(text)
      },
    },
    hubs: {
      list: (_, signal) => hubs.watch(signal),
      add: (hub, signal) => hubs.add(hub, signal),
      select: ({ hubId }) => hubs.select(hubId),
      async remove({ hubId }) {
        await actions.cancelOnHub(hubId)
        await hubs.remove(hubId)
        fleet.forget(hubId)
      },
    },
    devices: {
      watch: ({ hubId }, signal) => fleet.watch(hubId, signal),
      refresh: ({ hubId }) => fleet.refresh(hubId),
    },
    actions: {
      preflight: (request) => Promise.resolve().then(() => actions.preflight(request)),
      start: (action, signal) => actions.start(action, signal),
      list: (_, signal) => actions.list(signal),
      targets: ({ actionId }, signal) => actions.targets(actionId, signal),
      cancel: ({ actionId }) => actions.cancel(actionId),
      checkAgain: ({ actionId }, signal) => actions.checkAgain(actionId, signal),
    },
  }
}
