import type { ActionSummary } from '../../contract/app/action.ts'
import type { CampaignFile, CommandNote } from '../../contract/app/campaign-file.ts'
import type { HubJob } from '../../contract/app/job.ts'
import type { JournalCheck, JournalPage, JournalPageRequest } from '../../contract/app/journal.ts'
import type { MappedDialect } from '../../contract/app/mapping.ts'
import type { Preflight, PreflightRequest } from '../../contract/app/preflight.ts'
import type { TargetsChange } from '../../contract/app/target.ts'
import { appApi, type AppApi } from '../../contract/app/api.ts'
import type { FleetChange } from '../../contract/app/device.ts'
import type { HubList, HubProfile, NewHub } from '../../contract/app/hub.ts'
import type { ActionId } from '../../contract/app/ids.ts'
import { serve } from '../../contract/rpc/serve.ts'
import { openLink, type Link } from '../api/client.ts'
import { nothingAsked, handlersOf, type Asked } from './fake-handlers.ts'
import { Feed } from './feed.ts'
import { portPair } from './port-pair.ts'
import { actionId, hubProfile, localHubId, noon, preflightOf } from './values.ts'

/** How the application answers; a test replaces what it is about. */
export interface Answers {
  preflight: (request: PreflightRequest) => Preflight
  add: (hub: NewHub) => HubProfile
  configure: () => void
  refresh: () => void
  start: () => ActionId
  settled: () => number
  campaign: () => CampaignFile | undefined
  commandLine: () => { commands: string; notes: CommandNote[] }
  jobs: () => HubJob[]
  takeMapping: () => boolean
  journal: (request: JournalPageRequest) => JournalPage
  verify: () => JournalCheck
  savedAs: () => string | undefined
  choosesNotes: () => boolean
}

export interface Feeds {
  readonly hubs: Feed<HubList>
  readonly fleet: Feed<FleetChange>
  readonly actions: Feed<ActionSummary[]>
  readonly targets: Feed<TargetsChange>
  readonly dialects: Feed<MappedDialect[]>
  readonly journalLength: Feed<number>
}

/** An application behind a real contract and a port in memory. */
export interface FakeApp extends Feeds {
  readonly link: Link
  readonly asked: Asked
  readonly answers: Answers
  /** What the application would have logged as a bug. */
  readonly bugs: unknown[]
  readonly close: () => void
}

export function fakeApp(): FakeApp {
  const feeds = newFeeds()
  const asked = nothingAsked()
  const answers = usualAnswers()
  const bugs: unknown[] = []
  const ports = portPair()
  const handlers = handlersOf(feeds, asked, answers)
  serve(appApi satisfies AppApi, handlers, { onBug: (error) => bugs.push(error), watchIntervalMs: 0 })(
    ports.host,
  )
  return { ...feeds, asked, answers, bugs, link: openLink(ports.page), close: ports.close }
}

/** A whole fleet as its first value. */
export function fleetOf(rows: FleetChange['rows'], rest: Partial<FleetChange> = {}): FleetChange {
  const state = { kind: 'ready', asOf: noon, isRefreshing: false } as const
  return { hubId: localHubId, isReset: true, rows, removed: [], state, ...rest }
}

function newFeeds(): Feeds {
  return {
    hubs: new Feed<HubList>({ hubs: [hubProfile()], selected: localHubId }),
    fleet: new Feed<FleetChange>(fleetOf([])),
    actions: new Feed<ActionSummary[]>([]),
    targets: new Feed<TargetsChange>({ isReset: true, targets: [] }),
    dialects: new Feed<MappedDialect[]>([]),
    journalLength: new Feed<number>(0),
  }
}

function usualAnswers(): Answers {
  return {
    preflight: ({ deviceIds }) => preflightOf(deviceIds.map((deviceId) => ({ deviceId, verdict: 'ready' }))),
    add: () => hubProfile({ kind: 'azure', name: 'contoso' }),
    configure: () => undefined,
    refresh: () => undefined,
    start: () => actionId('action-1'),
    settled: () => 0,
    campaign: () => undefined,
    commandLine: () => ({ commands: 'az iot hub job create', notes: [] }),
    jobs: () => [],
    takeMapping: () => true,
    journal: () => ({ entries: [], total: 0 }),
    verify: () => ({ isWhole: true, records: 0, head: '' }),
    savedAs: () => undefined,
    choosesNotes: () => false,
  }
}
