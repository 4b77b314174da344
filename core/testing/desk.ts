import type { HubId } from '../../contract/app/ids.ts'
import { ActionId } from '../../contract/app/ids.ts'
import { builtInDialects } from '../domain/dialects/recognise.ts'
import type { Clock } from '../ports/clock.ts'
import type { HubGateway } from '../ports/hub-gateway.ts'
import type { Journal } from '../ports/journal.ts'
import type { Log } from '../ports/log.ts'
import type { ActionRecord } from '../services/action-record.ts'
import type { RunnerTools } from '../services/action-runner.ts'
import { ActionService } from '../services/action-service.ts'
import { ActionStore } from '../services/action-store.ts'
import { FleetService } from '../services/fleet-service.ts'
import { HubPaces } from '../services/hub-paces.ts'
import { HubService, localHubId } from '../services/hub-service.ts'
import type { OpenGateway } from '../services/hub-vault.ts'
import { JobRun } from '../services/job-run.ts'
import { JobService } from '../services/job-service.ts'
import { PreflightService } from '../services/preflight-service.ts'
import type { Run } from '../services/run.ts'
import { FakeLocalHub, FakeProfiles, FakeSecrets } from './fakes.ts'

export interface DeskParts {
  readonly hub: HubGateway
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  readonly newActionId?: () => ActionId
  /** Absent where every key opens the hub. */
  readonly openGateway?: OpenGateway
}

/** The services of the application, composed as `application.ts` does, on a hub in memory. */
export interface Desk {
  readonly store: ActionStore
  readonly hubs: HubService
  readonly fleet: FleetService
  readonly actions: ActionService
  readonly jobs: JobService
  readonly preflights: PreflightService
  /** The rows of the fleet are known, as they are when a person has just clicked on one. */
  readFleet(hubId?: HubId): Promise<void>
}

export async function openDesk(parts: DeskParts): Promise<Desk> {
  const { hub, journal, clock, log, newActionId, openGateway = () => hub } = parts
  const store = await ActionStore.open(journal, clock)
  let ids = 0
  const hubs = await HubService.open({
    ...{ secrets: new FakeSecrets(), profiles: new FakeProfiles(), localHub: new FakeLocalHub() },
    rehearsalHub: new FakeLocalHub(),
    ...{ openGateway, newId: () => `hub-${(ids += 1)}`, clock, log },
  })
  const dialects = (): typeof builtInDialects => builtInDialects
  const fleet = new FleetService({ hubs, actions: store, dialects, clock, log })
  const counted = (): ActionId => ActionId.parse(`action-${(ids += 1)}`)
  const paces = new HubPaces(hubs, clock)
  const tools = { store, fleet, hubs, paces, dialects, clock, log, userName: 'kim' }
  const nextId = newActionId ?? counted
  const newJobRun = (runTools: RunnerTools, action: ActionRecord): Run => new JobRun(runTools, action)
  const actions = new ActionService({ ...tools, newActionId: nextId, newJobRun })
  const jobs = new JobService({ hubs, store, actions, userName: 'kim', newActionId: nextId })
  const preflights = new PreflightService({ store, fleet, hubs, paces, clock })
  return {
    ...{ store, hubs, fleet, actions, jobs, preflights },
    async readFleet(hubId = localHubId) {
      const leaving = new AbortController()
      for await (const { state } of fleet.watch(hubId, leaving.signal)) if (state.kind === 'ready') break
      leaving.abort()
    },
  }
}
