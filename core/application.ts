import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ulid } from 'ulid'
import type { AppApi } from '../contract/app/api.ts'
import { ActionId } from '../contract/app/ids.ts'
import type { Handlers } from '../contract/rpc/contract.ts'
import { AzureHubGateway } from './adapters/azure-hub-gateway.ts'
import { writeCsvRow } from './adapters/csv.ts'
import { JournalFile } from './adapters/journal-file.ts'
import { MappingFileStore } from './adapters/mapping-file.ts'
import { ProfileFile } from './adapters/profile-file.ts'
import { systemClock } from './adapters/system-clock.ts'
import type { DialectRules } from './domain/dialects/dialect.ts'
import type { Desktop } from './ports/desktop.ts'
import type { LocalHubProcess } from './ports/local-hub-process.ts'
import type { Log } from './ports/log.ts'
import type { SecretStore } from './ports/secret-store.ts'
import type { ActionRecord } from './services/action-record.ts'
import type { RunnerTools } from './services/action-runner.ts'
import { ActionService } from './services/action-service.ts'
import { ActionStore } from './services/action-store.ts'
import { CampaignService } from './services/campaign-service.ts'
import { DialectService } from './services/dialect-service.ts'
import { FleetService } from './services/fleet-service.ts'
import { HubPaces } from './services/hub-paces.ts'
import { HubService } from './services/hub-service.ts'
import { JobRun } from './services/job-run.ts'
import { JobService } from './services/job-service.ts'
import { JournalService } from './services/journal-service.ts'
import { PreflightService } from './services/preflight-service.ts'
import type { Run } from './services/run.ts'
import { stayAwake } from './services/stay-awake.ts'

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
  /** The same kind of hub, for rehearsals: it runs beside the other one. */
  readonly rehearsalHub: LocalHubProcess
  readonly log: Log
}

export interface Application {
  readonly handlers: Handlers<AppApi>
  /** How many actions go on only while the app runs: closing it puts them on hold. */
  readonly underWay: number
  /** Stops following, ends the local hub, and closes the files. What is under way is in the journal. */
  close(): Promise<void>
}

/** Errors: `conflict` when another instance has the journal open, `internal` when it was changed by other hands. */
export async function createApplication(host: Host): Promise<Application> {
  const { dataFolder, log, secrets, desktop, localHub, rehearsalHub, userName } = host
  const clock = systemClock
  await mkdir(dataFolder, { recursive: true })
  const journal = await JournalFile.open(join(dataFolder, 'journal.log'))
  const store = await ActionStore.open(journal, clock)
  const hubs = await HubService.open({
    profiles: new ProfileFile(join(dataFolder, 'hubs.json'), log),
    openGateway: (connection, extraCa) => new AzureHubGateway(connection, extraCa),
    newId: ulid,
    ...{ secrets, localHub, rehearsalHub, clock, log },
  })
  const mapping = new MappingFileStore(join(dataFolder, 'dialects.json'))
  const families = await DialectService.open({ store: mapping, desktop, log })
  const dialects = (): readonly DialectRules[] => families.all()
  const fleet = new FleetService({ hubs, actions: store, dialects, clock, log })
  const newActionId = (): ActionId => ActionId.parse(ulid())
  const newJobRun = (tools: RunnerTools, action: ActionRecord): Run => new JobRun(tools, action)
  const paces = new HubPaces(hubs, clock)
  const tools = { store, fleet, hubs, paces, dialects, clock, log, userName, newActionId, newJobRun }
  const actions = new ActionService(tools)
  const jobs = new JobService({ hubs, store, actions, userName, newActionId })
  const preflights = new PreflightService({ store, fleet, hubs, paces, clock })
  const campaigns = new CampaignService({ store, actions, fleet, hubs, desktop, clock })
  const journals = new JournalService({ journal, store, desktop, clock, writeCsvRow })
  const letSleep = stayAwake({ actions, store, desktop })

  return {
    handlers: {
      app: appHandlers(host),
      hubs: hubHandlers({ hubs, actions, fleet }),
      devices: deviceHandlers(fleet),
      actions: actionHandlers(actions, preflights),
      campaigns: campaigns.handlers,
      jobs: jobs.handlers,
      dialects: families.handlers,
      journal: journals.handlers,
    },
    get underWay() {
      return actions.underWay
    },
    async close() {
      await actions.close()
      await letSleep()
      await hubs.close()
      await journal.close()
    },
  }
}

function deviceHandlers(fleet: FleetService): Handlers<AppApi>['devices'] {
  return {
    watch: ({ hubId }, signal) => fleet.watch(hubId, signal),
    refresh: ({ hubId }) => fleet.refresh(hubId),
  }
}

function appHandlers({ version, platform, secrets, desktop }: Host): Handlers<AppApi>['app'] {
  return {
    about: async () => ({ version, platform, protection: await secrets.protection() }),
    async copyText({ text }) {
      await desktop.copyText(text)
    },
    async setLanguage({ language }) {
      desktop.setLanguage(language)
      await Promise.resolve()
    },
    notify: (note) => desktop.notify(note),
  }
}

interface HubServices {
  readonly hubs: HubService
  readonly fleet: FleetService
  readonly actions: ActionService
}

function hubHandlers({ hubs, fleet, actions }: HubServices): Handlers<AppApi>['hubs'] {
  return {
    list: (_, signal) => hubs.watch(signal),
    add: (hub, signal) => hubs.add(hub, signal),
    select: ({ hubId }) => hubs.select(hubId),
    async remove({ hubId }) {
      await actions.cancelOnHub(hubId)
      await hubs.remove(hubId)
      fleet.forget(hubId)
    },
    configure: ({ hubId, settings }) => hubs.configure(hubId, settings),
  }
}

function actionHandlers(actions: ActionService, preflights: PreflightService): Handlers<AppApi>['actions'] {
  return {
    preflight: (request, signal) => preflights.preflight(request, signal),
    start: (action, signal) => actions.start(action, signal),
    list: (_, signal) => actions.list(signal),
    targets: ({ actionId }, signal) => actions.targets(actionId, signal),
    cancel: ({ actionId }) => actions.cancel(actionId),
    pause: ({ actionId }) => actions.pause(actionId),
    resume: ({ actionId }, signal) => actions.resume(actionId, signal),
    approve: ({ actionId }) => actions.approve(actionId),
    retryFailed: ({ actionId }, signal) => actions.retryFailed(actionId, signal),
    checkAgain: ({ actionId }, signal) => actions.checkAgain(actionId, signal),
  }
}
