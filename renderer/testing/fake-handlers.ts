import type { NewAction } from '../../contract/app/action.ts'
import type { AppApi } from '../../contract/app/api.ts'
import type { CampaignFile } from '../../contract/app/campaign-file.ts'
import type { HubSettings, NewHub } from '../../contract/app/hub.ts'
import type { ActionId, HubId } from '../../contract/app/ids.ts'
import type { Language } from '../../contract/app/language.ts'
import type { ExportFormat, JournalPageRequest, Saved } from '../../contract/app/journal.ts'
import type { PreflightRequest } from '../../contract/app/preflight.ts'
import type { Handlers } from '../../contract/rpc/contract.ts'
import { AppError } from '../../contract/errors.ts'
import type { Answers, Feeds } from './fake-app.ts'
import { actionId, localHubId } from './values.ts'

/** What the application was asked for, in order, but for the watches. */
export interface Asked {
  readonly copied: string[]
  readonly languages: Language[]
  readonly notes: { readonly title: string; readonly body: string }[]
  readonly added: NewHub[]
  readonly selected: HubId[]
  readonly removed: HubId[]
  readonly configured: { readonly hubId: HubId; readonly settings: HubSettings }[]
  readonly refreshed: HubId[]
  readonly preflights: PreflightRequest[]
  readonly started: NewAction[]
  readonly cancelled: ActionId[]
  readonly checkedAgain: ActionId[]
  /** `pause 01A` and the like. */
  readonly steered: string[]
  readonly saved: CampaignFile[]
  readonly rehearsed: { readonly campaign: CampaignFile; readonly faultShare: number }[]
  readonly adopted: string[]
  readonly pages: JournalPageRequest[]
  readonly exported: { readonly format: ExportFormat; readonly actionId?: ActionId | undefined }[]
}

export function nothingAsked(): Asked {
  return {
    copied: [],
    languages: [],
    notes: [],
    added: [],
    selected: [],
    removed: [],
    configured: [],
    refreshed: [],
    preflights: [],
    started: [],
    cancelled: [],
    checkedAgain: [],
    steered: [],
    saved: [],
    rehearsed: [],
    adopted: [],
    pages: [],
    exported: [],
  }
}

/** Remembers what was asked; the answer comes a moment later, as over a real port. */
function note<T>(list: T[], value: T): Promise<void> {
  list.push(value)
  return Promise.resolve()
}

function saved(name: string | undefined): Saved {
  return name === undefined ? { isSaved: false } : { isSaved: true, fileName: name }
}

export function handlersOf(feeds: Feeds, asked: Asked, answers: Answers): Handlers<AppApi> {
  return {
    app: {
      about: () => Promise.resolve({ version: '0.0.0', platform: 'linux', protection: 'session' as const }),
      copyText: ({ text }) => note(asked.copied, text),
      setLanguage: ({ language }) => note(asked.languages, language),
      notify: async (shown) => {
        await note(asked.notes, shown)
        return { isChosen: answers.choosesNotes() }
      },
    },
    hubs: hubHandlers(feeds, asked, answers),
    devices: {
      watch: (_, signal) => feeds.fleet.watch(signal),
      refresh: async ({ hubId }) => {
        await note(asked.refreshed, hubId)
        answers.refresh()
      },
    },
    actions: actionHandlers(feeds, asked, answers),
    campaigns: campaignHandlers(asked, answers),
    jobs: {
      list: () => Promise.resolve().then(() => answers.jobs()),
      adopt: async ({ jobId }) => {
        await note(asked.adopted, jobId)
        return { actionId: actionId('adopted') }
      },
    },
    dialects: {
      list: (_, signal) => feeds.dialects.watch(signal),
      open: () => Promise.resolve().then(() => ({ isTaken: answers.takeMapping() })),
    },
    journal: journalHandlers(feeds, asked, answers),
  }
}

function hubHandlers(feeds: Feeds, asked: Asked, answers: Answers): Handlers<AppApi>['hubs'] {
  return {
    list: (_, signal) => feeds.hubs.watch(signal),
    add: async (hub) => {
      await note(asked.added, hub)
      return answers.add(hub)
    },
    select: ({ hubId }) => note(asked.selected, hubId),
    remove: ({ hubId }) => note(asked.removed, hubId),
    configure: async (wanted) => {
      await note(asked.configured, wanted)
      answers.configure()
    },
  }
}

function actionHandlers(feeds: Feeds, asked: Asked, answers: Answers): Handlers<AppApi>['actions'] {
  const steer = (word: string) => (action: { actionId: ActionId }) =>
    note(asked.steered, `${word} ${action.actionId}`)
  return {
    preflight: async (request) => {
      await note(asked.preflights, request)
      return answers.preflight(request)
    },
    start: async (action) => {
      await note(asked.started, action)
      return { actionId: answers.start() }
    },
    list: (_, signal) => feeds.actions.watch(signal),
    targets: (_, signal) => feeds.targets.watch(signal),
    cancel: (action) => note(asked.cancelled, action.actionId),
    pause: steer('pause'),
    resume: steer('resume'),
    approve: steer('approve'),
    retryFailed: async (action) => {
      await steer('retry')(action)
      return { actionId: actionId('retried') }
    },
    checkAgain: async (action) => {
      await note(asked.checkedAgain, action.actionId)
      return { settled: answers.settled() }
    },
  }
}

function campaignHandlers(asked: Asked, answers: Answers): Handlers<AppApi>['campaigns'] {
  return {
    save: async (campaign) => {
      await note(asked.saved, campaign)
      return saved(answers.savedAs())
    },
    open: async () => {
      const campaign = await Promise.resolve().then(() => answers.campaign())
      return campaign ? { campaign } : {}
    },
    ofAction: async () => {
      const campaign = await Promise.resolve().then(() => answers.campaign())
      if (!campaign) throw new AppError('not-found', 'There is no such action.')
      return campaign
    },
    commandLine: () => Promise.resolve().then(() => answers.commandLine()),
    rehearse: async (wanted) => {
      await note(asked.rehearsed, wanted)
      return { hubId: localHubId, actionId: actionId('rehearsal') }
    },
  }
}

function journalHandlers(feeds: Feeds, asked: Asked, answers: Answers): Handlers<AppApi>['journal'] {
  return {
    page: async (request) => {
      await note(asked.pages, request)
      return answers.journal(request)
    },
    length: (_, signal) => feeds.journalLength.watch(signal),
    verify: () => Promise.resolve().then(() => answers.verify()),
    export: async (wanted) => {
      await note(asked.exported, wanted)
      return saved(answers.savedAs())
    },
  }
}
