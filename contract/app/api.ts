import { z } from 'zod'
import { call, watch } from '../rpc/contract.ts'
import { ActionSummary, NewAction } from './action.ts'
import { CampaignFile, CommandNote } from './campaign-file.ts'
import { FleetChange } from './device.ts'
import { HubList, HubProfile, HubSettings, NewHub, Protection } from './hub.ts'
import { ActionId, HubId, Nothing } from './ids.ts'
import { HubJob } from './job.ts'
import { Language } from './language.ts'
import { ExportFormat, JournalCheck, JournalPage, JournalPageRequest, Saved } from './journal.ts'
import { MappedDialect } from './mapping.ts'
import { Preflight, PreflightRequest } from './preflight.ts'
import { TargetsChange } from './target.ts'

const ofHub = z.object({ hubId: HubId })
const ofAction = z.object({ actionId: ActionId })
const done = z.void()

/** All that the window may ask of the application; nothing else exists. */
export const appApi = {
  app: {
    about: call(Nothing, z.object({ version: z.string(), platform: z.string(), protection: Protection })),
    copyText: call(z.object({ text: z.string().max(1_000_000) }), done),
    /** What the window speaks: questions that the system asks on the app's behalf are in that language, too. */
    setLanguage: call(z.object({ language: Language }), done),
    /** Tells a person who looks elsewhere. Resolves when that is over; a person who chose it has the window before them. */
    notify: call(
      z.object({ title: z.string().min(1).max(200), body: z.string().max(500) }),
      z.object({ isChosen: z.boolean() }),
    ),
  },
  hubs: {
    list: watch(Nothing, HubList),
    /** Errors: `invalid-input` (`field` names the wrong part), `unauthorized`, `forbidden`, `unreachable`, `timeout`, `unexpected-answer`, `conflict`. */
    add: call(NewHub, HubProfile),
    select: call(ofHub, done),
    remove: call(ofHub, done),
    /** What Azure does not tell a service credential about its hub, said by the person. */
    configure: call(z.object({ hubId: HubId, settings: HubSettings }), done),
  },
  devices: {
    /** The whole fleet of a hub first, then what changes. Reading from the hub goes on only while someone watches. */
    watch: watch(ofHub, FleetChange),
    refresh: call(ofHub, done),
  },
  actions: {
    /**
     * For a restore the twins are read, which is billed; for everything else nothing is asked of the hub. Errors:
     * `invalid-input` for parameters or a policy that cannot be, for a restore `not-found` and those of the hub.
     */
    preflight: call(PreflightRequest, Preflight),
    /**
     * Resolves once the action is in the journal; sending goes on in the main process.
     * Errors: `invalid-input` (`field`: `payload`, `patch`, `release`, `policy` or `confirmation`, with what is wrong
     * in it), `conflict` for a busy device or for more devices than the blast radius allows.
     */
    start: call(NewAction, z.object({ actionId: ActionId })),
    list: watch(Nothing, z.array(ActionSummary)),
    targets: watch(ofAction, TargetsChange),
    /** Stops what was not sent yet. What a device already accepted goes on. */
    cancel: call(ofAction, done),
    /** Nothing more is sent until `resume`; what was sent is followed. Errors: `conflict` when it has ended. */
    pause: call(ofAction, done),
    resume: call(ofAction, done),
    /** Opens the gate before the next wave. Errors: `conflict` when no gate is waiting. */
    approve: call(ofAction, done),
    /** A new action with the same parameters and policy over the devices that failed. Errors: `conflict` when none did, and for a restore. */
    retryFailed: call(ofAction, z.object({ actionId: ActionId })),
    /** Reads the twins of the unknown targets once more, and settles those that now have evidence. */
    checkAgain: call(ofAction, z.object({ settled: z.number().int() })),
  },
  campaigns: {
    /** Asks where to save, and writes the campaign as a file. */
    save: call(CampaignFile, Saved),
    /** Asks for a file; undefined when the person changed their mind. Errors: `invalid-input`, naming the line of the mistake. */
    open: call(Nothing, z.object({ campaign: CampaignFile.optional() })),
    /** The campaign of an action, to be cloned, saved or reviewed. Errors: `conflict` for a restore. */
    ofAction: call(ofAction, CampaignFile),
    /** The same as `az iot hub job create` commands, one a line; and what they cannot express. */
    commandLine: call(
      z.object({ campaign: CampaignFile, hubId: HubId }),
      z.object({ commands: z.string(), notes: z.array(CommandNote) }),
    ),
    /** Runs the campaign on a hub on this machine, over as many simulated devices, of which a share misbehaves. */
    rehearse: call(
      z.object({ campaign: CampaignFile, faultShare: z.number().min(0).max(1) }),
      z.object({ hubId: HubId, actionId: ActionId }),
    ),
  },
  jobs: {
    /** The newest first. Errors: those of the hub. */
    list: call(ofHub, z.array(HubJob)),
    /** Follows a job that was made elsewhere, as an action of its own in the journal. Errors: `not-found`, `conflict`. */
    adopt: call(
      z.object({ hubId: HubId, jobId: z.string().min(1).max(128) }),
      z.object({ actionId: ActionId }),
    ),
  },
  dialects: {
    /** What the user's own mapping file describes. */
    list: watch(Nothing, z.array(MappedDialect)),
    /** Asks for a file and takes it. Errors: `invalid-input`, naming the line of the mistake; then the old one stays. */
    open: call(Nothing, z.object({ isTaken: z.boolean() })),
  },
  journal: {
    page: call(JournalPageRequest, JournalPage),
    /** Grows with each record. */
    length: watch(Nothing, z.number().int()),
    /** Reads the whole file again and checks each record against the one before. */
    verify: call(Nothing, JournalCheck),
    /** Asks where to save. CSV cells that a spreadsheet would take for a formula are quoted. */
    export: call(z.object({ format: ExportFormat, actionId: ActionId.optional() }), Saved),
  },
}
export type AppApi = typeof appApi
