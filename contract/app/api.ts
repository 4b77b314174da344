import { z } from 'zod'
import { call, watch } from '../rpc/contract.ts'
import { ActionSummary, NewAction, Preflight, PreflightRequest, TargetsChange } from './action.ts'
import { FleetChange } from './device.ts'
import { HubList, HubProfile, NewHub, Protection } from './hub.ts'
import { ActionId, HubId, Nothing } from './ids.ts'

const ofHub = z.object({ hubId: HubId })
const ofAction = z.object({ actionId: ActionId })
const done = z.void()

/** All that the window may ask of the application; nothing else exists. */
export const appApi = {
  app: {
    about: call(Nothing, z.object({ version: z.string(), platform: z.string(), protection: Protection })),
    copyText: call(z.object({ text: z.string().max(1_000_000) }), done),
  },
  hubs: {
    list: watch(Nothing, HubList),
    /** Errors: `invalid-input` (`field` names the wrong part), `unauthorized`, `forbidden`, `unreachable`, `timeout`, `unexpected-answer`, `conflict`. */
    add: call(NewHub, HubProfile),
    select: call(ofHub, done),
    remove: call(ofHub, done),
  },
  devices: {
    /** The whole fleet of a hub first, then what changes. Reading from the hub goes on only while someone watches. */
    watch: watch(ofHub, FleetChange),
    refresh: call(ofHub, done),
  },
  actions: {
    preflight: call(PreflightRequest, Preflight),
    /**
     * Resolves once the action is in the journal; sending goes on in the main process.
     * Errors: `invalid-input` (`field`: `payload` or `patch`, with what is wrong in it), `conflict` for a busy device.
     */
    start: call(NewAction, z.object({ actionId: ActionId })),
    list: watch(Nothing, z.array(ActionSummary)),
    targets: watch(ofAction, TargetsChange),
    /** Stops what was not sent yet. What a device already accepted goes on. */
    cancel: call(ofAction, done),
    /** Reads the twins of the unknown targets once more, and settles those that now have evidence. */
    checkAgain: call(ofAction, z.object({ settled: z.number().int() })),
  },
}
export type AppApi = typeof appApi
