import type { ActionParameters, ActionSummary, Target } from '../../contract/app/action.ts'
import { ActionId, DeviceId } from '../../contract/app/ids.ts'
import { ActionService } from '../services/action-service.ts'
import { ActionStore } from '../services/action-store.ts'
import { FleetService } from '../services/fleet-service.ts'
import { HubService, localHubId } from '../services/hub-service.ts'
import {
  agentReport,
  FakeClock,
  FakeHub,
  FakeJournal,
  FakeLocalHub,
  FakeLog,
  FakeProfiles,
  FakeSecrets,
  rebootedReport,
} from './fakes.ts'

/** The id of the first action of a scene; the next is `action-2`. */
export const actionId = ActionId.parse('action-1')
export const deadlineMs = 60_000
export const never: AbortSignal = new AbortController().signal

export function deviceIds(...names: string[]): DeviceId[] {
  return names.map((name) => DeviceId.parse(name))
}

/** The services of the application on a hub in memory and a clock that jumps. */
export class Scene {
  readonly hub = new FakeHub()
  readonly log = new FakeLog()
  journal = new FakeJournal()
  #actions: ActionService | undefined
  #fleet: FleetService | undefined
  #actionCount = 0

  get actions(): ActionService {
    if (!this.#actions) throw new Error('The scene is not open.')
    return this.#actions
  }

  async open(): Promise<void> {
    const { hub, log, journal } = this
    const clock = new FakeClock()
    const store = await ActionStore.open(journal, clock)
    const vault = { secrets: new FakeSecrets(), openGateway: () => hub, newId: () => 'hub-1', clock, log }
    const hubs = await HubService.open({
      ...vault,
      profiles: new FakeProfiles(),
      localHub: new FakeLocalHub(),
    })
    this.#fleet = new FleetService({ hubs, actions: store, clock, log })
    const fleet = this.#fleet
    this.#actions = new ActionService({
      store,
      fleet,
      hubs,
      clock,
      log,
      userName: 'kim',
      newActionId: () => ActionId.parse(`action-${(this.#actionCount += 1)}`),
    })
  }

  /** The rows of the fleet are known, as they are when a person has just clicked on one. */
  async readFleet(): Promise<void> {
    for await (const { state } of this.#fleet?.watch(localHubId, never) ?? [])
      if (state.kind === 'ready') return
  }

  async start(...names: string[]): Promise<void> {
    await this.open()
    await this.readFleet()
    await this.reboot(...names)
  }

  async reboot(...names: string[]): Promise<void> {
    await this.act({ kind: 'reboot' }, ...names)
  }

  async act(parameters: ActionParameters, ...names: string[]): Promise<void> {
    await this.actions.start(
      { hubId: localHubId, parameters, deviceIds: deviceIds(...names), deadlineMs },
      never,
    )
  }

  async summaryWhen(isAwaited: (summary: ActionSummary) => boolean): Promise<ActionSummary> {
    for await (const [summary] of this.actions.list(never)) if (summary && isAwaited(summary)) return summary
    throw new Error('The list ended.')
  }

  /** The summary once nothing of the action is under way any more. */
  end(): Promise<ActionSummary> {
    return this.summaryWhen(({ status }) => status !== 'running')
  }

  async targets(): Promise<Map<string, Target>> {
    for await (const { targets } of this.actions.targets(actionId, never))
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
