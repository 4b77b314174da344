import type {
  ActionSummary,
  NewAction,
  Preflight,
  PreflightRequest,
  TargetsChange,
} from '../../contract/app/action.ts'
import { appApi, type AppApi } from '../../contract/app/api.ts'
import type { FleetChange } from '../../contract/app/device.ts'
import type { HubList, HubProfile, NewHub } from '../../contract/app/hub.ts'
import type { ActionId, HubId } from '../../contract/app/ids.ts'
import type { Handlers } from '../../contract/rpc/contract.ts'
import { serve } from '../../contract/rpc/serve.ts'
import { openLink, type Link } from '../api/client.ts'
import { Feed } from './feed.ts'
import { portPair } from './port-pair.ts'
import { actionId, hubProfile, localHubId, noon } from './values.ts'

/** What the application was asked for, in order, but for the watches. */
interface Asked {
  readonly copied: string[]
  readonly added: NewHub[]
  readonly selected: HubId[]
  readonly removed: HubId[]
  readonly refreshed: HubId[]
  readonly started: NewAction[]
  readonly cancelled: ActionId[]
  readonly checkedAgain: ActionId[]
}

/** How the application answers; a test replaces what it is about. */
interface Answers {
  preflight: (request: PreflightRequest) => Preflight
  add: (hub: NewHub) => HubProfile
  refresh: () => void
  start: () => ActionId
  settled: () => number
}

/** An application behind a real contract and a port in memory. */
export interface FakeApp {
  readonly link: Link
  readonly asked: Asked
  readonly answers: Answers
  readonly hubs: Feed<HubList>
  readonly fleet: Feed<FleetChange>
  readonly actions: Feed<ActionSummary[]>
  readonly targets: Feed<TargetsChange>
  /** What the application would have logged as a bug. */
  readonly bugs: unknown[]
  readonly close: () => void
}

export function fakeApp(): FakeApp {
  const feeds = {
    hubs: new Feed<HubList>({ hubs: [hubProfile()], selected: localHubId }),
    fleet: new Feed<FleetChange>(fleetOf([])),
    actions: new Feed<ActionSummary[]>([]),
    targets: new Feed<TargetsChange>({ isReset: true, targets: [] }),
  }
  const asked = nothingAsked()
  const answers = usualAnswers()
  const bugs: unknown[] = []
  const ports = portPair()
  const handlers = handlersOf(feeds, asked, answers)
  serve(appApi, handlers, { onBug: (error) => bugs.push(error), watchIntervalMs: 0 })(ports.host)
  return { ...feeds, asked, answers, bugs, link: openLink(ports.page), close: ports.close }
}

/** A whole fleet as its first value. */
export function fleetOf(rows: FleetChange['rows'], rest: Partial<FleetChange> = {}): FleetChange {
  const state = { kind: 'ready', asOf: noon, isRefreshing: false } as const
  return { hubId: localHubId, isReset: true, rows, removed: [], state, ...rest }
}

function nothingAsked(): Asked {
  const lists = { copied: [], added: [], selected: [], removed: [] }
  return { ...lists, refreshed: [], started: [], cancelled: [], checkedAgain: [] }
}

function usualAnswers(): Answers {
  return {
    preflight: ({ deviceIds }) => ({
      hubName: 'Local hub',
      verdicts: deviceIds.map((deviceId) => ({ deviceId, verdict: 'ready' })),
    }),
    add: () => hubProfile({ kind: 'azure', name: 'contoso' }),
    refresh: () => undefined,
    start: () => actionId('action-1'),
    settled: () => 0,
  }
}

type Feeds = Pick<FakeApp, 'hubs' | 'fleet' | 'actions' | 'targets'>

function handlersOf(feeds: Feeds, asked: Asked, answers: Answers): Handlers<AppApi> {
  const note = <T>(list: T[], value: T): Promise<void> => {
    list.push(value)
    return Promise.resolve()
  }
  return {
    app: {
      about: () => Promise.resolve({ version: '0.0.0', platform: 'linux', protection: 'session' as const }),
      copyText: ({ text }) => note(asked.copied, text),
    },
    hubs: {
      list: (_, signal) => feeds.hubs.watch(signal),
      add: async (hub) => {
        await note(asked.added, hub)
        return answers.add(hub)
      },
      select: ({ hubId }) => note(asked.selected, hubId),
      remove: ({ hubId }) => note(asked.removed, hubId),
    },
    devices: {
      watch: (_, signal) => feeds.fleet.watch(signal),
      refresh: async ({ hubId }) => {
        await note(asked.refreshed, hubId)
        answers.refresh()
      },
    },
    actions: {
      preflight: (request) => Promise.resolve().then(() => answers.preflight(request)),
      start: async (action) => {
        await note(asked.started, action)
        return { actionId: answers.start() }
      },
      list: (_, signal) => feeds.actions.watch(signal),
      targets: (_, signal) => feeds.targets.watch(signal),
      cancel: (action) => note(asked.cancelled, action.actionId),
      checkAgain: async (action) => {
        await note(asked.checkedAgain, action.actionId)
        return { settled: answers.settled() }
      },
    },
  }
}
