import { isDeepStrictEqual } from 'node:util'
import { reportedRoot, type AgentReport } from '../../contract/device/reported.ts'
import { stateOf, type AgentState, type FinishedAction, type Json, type JsonObject } from './agent-state.ts'

/** What the twin holds under `iothubDM`, by key. */
export type TwinView = Readonly<Record<string, unknown>>

/** What is true on the device. */
export interface Truth {
  readonly state: AgentState
  readonly agent: AgentReport
  /** What the running action says of its progress, when it is time to tell. */
  readonly progress?: JsonObject | undefined
  /** What a kind of action reports beside what all report. */
  readonly describe: (action: FinishedAction) => JsonObject
}

/** What the twin lacks. `patch` is absent when it lacks nothing. */
export interface Outstanding {
  readonly patch?: object
  /** The queued actions whose reports the twin holds, at the latest after the patch. */
  readonly proves: readonly string[]
  /** The twin after the patch. */
  readonly after: TwinView
}

/** A patch over this is sent in parts: a hub meters twins by the kibibyte. */
const largestPatch = 1024

/** What a report keeps although a later action did not renew it: in the tutorials they tell of the last that was. */
const lasting: Readonly<Record<string, string>> = {
  reboot: 'lastReboot',
  firmwareUpdate: 'lastFirmwareUpdate',
}

export function viewTwin(reported: unknown): TwinView {
  const root = isObject(reported) ? reported[reportedRoot] : undefined
  return isObject(root) ? root : {}
}

/** Compares the twin with what is true. The reports and the agent travel together where they fit into one patch. */
export function outstandingReport(truth: Truth, twin: TwinView): Outstanding {
  const { state, agent } = truth
  const queued = queuedActions(state)
  const wanted: [string, JsonObject][] = queued.map((action) => [action.kind, finalBlock(action, truth)])
  const { running } = state
  // One key holds one report: a final one that the hub does not have yet goes first.
  if (running && truth.progress && !queued.some(({ kind }) => kind === running.kind)) {
    const { actionId } = running
    wanted.push([running.kind, { actionId, status: stateOf(running), ...truth.progress }])
  }
  const parts = wanted.flatMap(([key, block]) => part(key, block, twin))
  const patch = firstThatFit([...parts, ...agentPart(agent, twin)])
  const changed = Object.entries(patch).map(([key, block]): [string, unknown] => [
    key,
    merged(twin[key], block),
  ])
  const after: TwinView = { ...twin, ...Object.fromEntries<unknown>(changed) }
  const isHeld = (action: FinishedAction) => part(action.kind, finalBlock(action, truth), after).length === 0
  return {
    ...(Object.keys(patch).length > 0 && { patch: { [reportedRoot]: patch } }),
    proves: queued.filter(isHeld).map(({ actionId }) => actionId),
    after,
  }
}

/** Mostly there is none, and the finished ones are many. */
function queuedActions({ finished, unreported }: AgentState): FinishedAction[] {
  if (unreported.length === 0) return []
  return finished.filter(({ actionId }) => unreported.includes(actionId))
}

function finalBlock(action: FinishedAction, { describe }: Truth): JsonObject {
  const { actionId, status, startedAt, error } = action
  return {
    ...{ actionId, status, endedAt: instant(action.endedAt) },
    ...(startedAt !== undefined && { startedAt: instant(startedAt) }),
    ...(error && { error: { ...error } }),
    ...describe(action),
    ...action.report,
  }
}

/** The difference between a block and what the twin holds of it: null removes what an earlier report left behind. */
function part(key: string, block: JsonObject, twin: TwinView): [string, JsonObject][] {
  const held = twin[key]
  if (!isObject(held)) return [[key, block]]
  const isSame = Object.entries(block).every(([name, value]) => isDeepStrictEqual(held[name], value))
  const isLeftover = (name: string) => !(name in block) && held[name] !== undefined && lasting[key] !== name
  const leftovers = Object.keys(held).filter(isLeftover)
  if (isSame && leftovers.length === 0) return []
  return [[key, { ...block, ...Object.fromEntries(leftovers.map((name) => [name, null])) }]]
}

/** The boot time is derived from the clock, which is set after the boot: it is new only together with the boot id. */
function agentPart(agent: AgentReport, twin: TwinView): [string, JsonObject][] {
  const block = withoutAbsent(agent)
  const held = twin['agent']
  const { bootedAt: _, ...lasting } = block
  const known = isObject(held) ? { ...held, bootedAt: undefined } : held
  return part('agent', lasting, { agent: known }).length === 0 ? [] : part('agent', block, twin)
}

function firstThatFit(parts: readonly [string, JsonObject][]): Record<string, JsonObject> {
  let patch: Record<string, JsonObject> = {}
  for (const [key, block] of parts) {
    const more = { ...patch, [key]: block }
    const isTooLarge = Buffer.byteLength(JSON.stringify({ [reportedRoot]: more })) > largestPatch
    if (isTooLarge && Object.keys(patch).length > 0) break
    patch = more
  }
  return patch
}

/** As a hub merges one level: null removes. */
function merged(held: unknown, block: JsonObject): unknown {
  const all = { ...(isObject(held) ? held : {}), ...block }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}

function withoutAbsent(block: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const present = Object.entries(block).flatMap(([key, value]): [string, Json][] =>
    value === undefined ? [] : [[key, value]],
  )
  return Object.fromEntries(present)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function instant(wallClockMs: number): string {
  return new Date(wallClockMs).toISOString()
}
