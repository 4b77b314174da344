import type { ActionSummary, NewAction } from '../../contract/app/action.ts'
import type { HubSettings } from '../../contract/app/hub.ts'
import type { ActionParameters } from '../../contract/app/parameters.ts'
import type { Policy } from '../../contract/app/policy.ts'
import type { Target } from '../../contract/app/target.ts'
import { ActionId, DeviceId } from '../../contract/app/ids.ts'
import type { ActionService } from '../services/action-service.ts'
import { localHubId } from '../services/hub-service.ts'
import type { PreflightService } from '../services/preflight-service.ts'
import { openDesk, type Desk } from './desk.ts'
import { FakeClock } from './fake-clock.ts'
import { agentReport, FakeHub, FakeJournal, FakeLog, rebootedReport } from './fakes.ts'

/** The id of the first action of a scene; the next is `action-2`. */
export const actionId = ActionId.parse('action-1')
/** A policy that wants nothing. */
export const plainPolicy: Policy = {
  waves: [],
  gate: { soakMs: 0, needsApproval: false },
  offline: { mode: 'fail' },
}
export const deadlineMs = 60_000
export const never: AbortSignal = new AbortController().signal

export function deviceIds(...names: string[]): DeviceId[] {
  return names.map((name) => DeviceId.parse(name))
}

/** The newest action once it is as it is waited for. */
export async function summaryWhen(
  { actions }: Desk,
  isAwaited: (summary: ActionSummary) => boolean,
): Promise<ActionSummary> {
  for await (const [summary] of actions.list(never)) if (summary && isAwaited(summary)) return summary
  throw new Error('The list ended.')
}

/** The services of the application on a hub in memory and a clock that jumps. */
export class Scene {
  readonly hub = new FakeHub()
  readonly log = new FakeLog()
  readonly clock = new FakeClock()
  journal = new FakeJournal()
  #desk: Desk | undefined
  #actionCount = 0

  get desk(): Desk {
    if (!this.#desk) throw new Error('The scene is not open.')
    return this.#desk
  }

  get actions(): ActionService {
    return this.desk.actions
  }

  get preflights(): PreflightService {
    return this.desk.preflights
  }

  /** What the person has said of the hub. */
  async configure(settings: HubSettings): Promise<void> {
    await this.desk.hubs.configure(localHubId, settings)
  }

  async open(): Promise<void> {
    const { hub, log, journal, clock } = this
    const newActionId = (): ActionId => ActionId.parse(`action-${(this.#actionCount += 1)}`)
    this.#desk = await openDesk({ hub, log, journal, clock, newActionId })
  }

  /** The rows of the fleet are known, as they are when a person has just clicked on one. */
  readFleet(): Promise<void> {
    return this.desk.readFleet()
  }

  async start(...names: string[]): Promise<void> {
    await this.open()
    await this.readFleet()
    await this.reboot(...names)
  }

  async reboot(...names: string[]): Promise<void> {
    await this.act({ kind: 'reboot' }, ...names)
  }

  act(parameters: ActionParameters, ...names: string[]): Promise<ActionId> {
    return this.begin({ parameters, deviceIds: deviceIds(...names) })
  }

  /** A reboot of these devices as a campaign. */
  campaign(policy: Partial<Policy>, ...names: string[]): Promise<ActionId> {
    return this.begin({ policy: { ...plainPolicy, ...policy }, deviceIds: deviceIds(...names) })
  }

  async begin(action: Partial<NewAction>): Promise<ActionId> {
    const parameters: ActionParameters = { kind: 'reboot' }
    const usual = { hubId: localHubId, parameters, deviceIds: [], deadlineMs }
    return (await this.actions.start({ ...usual, ...action }, never)).actionId
  }

  summaryWhen(isAwaited: (summary: ActionSummary) => boolean): Promise<ActionSummary> {
    return summaryWhen(this.desk, isAwaited)
  }

  /** The summary once nothing of the action is under way any more. */
  end(): Promise<ActionSummary> {
    return this.summaryWhen(({ status }) => status !== 'running')
  }

  async targets(id = actionId): Promise<Map<string, Target>> {
    for await (const { targets } of this.actions.targets(id, never))
      return new Map(targets.map((target) => [target.deviceId, target]))
    throw new Error('The targets ended.')
  }

  /** Nothing is followed any more. */
  drain(): Promise<void> {
    return this.actions.settled()
  }

  /** What one device of an action came to. */
  async outcomeOf(name: string): Promise<Target | undefined> {
    await this.start(name)
    await this.end()
    return (await this.targets()).get(name)
  }

  /** A device of ours that reboots when it is asked. */
  addWilling(deviceId: string): void {
    this.hub.add(deviceId, {
      reported: agentReport(),
      answer: () => {
        this.hub.add(deviceId, { reported: rebootedReport(actionId) })
        return { status: 202, payload: { actionId, state: 'accepted' } }
      },
    })
  }
}
