import type { Dialect } from '../../../contract/app/device.ts'
import type { ActionParameters } from '../../../contract/app/parameters.ts'
import type { Verdict } from '../../../contract/app/preflight.ts'
import type { Evidence } from '../../../contract/app/target.ts'
import { FirmwarePayload, PackageAddress } from '../../../contract/device/firmware.ts'
import { methodNames } from '../../../contract/device/method.ts'
import { readReported } from '../../../contract/device/reported.ts'
import { fault } from '../../../contract/faults.ts'
import { methodRequest, type WorkState } from '../dialects/dialect.ts'
import { firmwareStage } from '../dialects/firmware-words.ts'
import { assumed } from '../dialects/recognise.ts'
import type { HubRequest } from '../hub-request.ts'
import { isJsonObject, parseTypedJson, type Json, type JsonObject } from '../json.ts'
import type { TargetEvent } from '../target.ts'
import { comingOrGoing, noticeComingAndGoing, silence } from './coming-and-going.ts'
import { judgeAcceptance } from './device-answer.ts'
import {
  agentHas,
  has,
  methodVerdict,
  type Asking,
  type Candidate,
  type Following,
  type Judgement,
  type KindRules,
  type Sighting,
} from './kind.ts'
import { isNews, judgeStage } from './work-report.ts'

type FirmwareParameters = Extract<ActionParameters, { kind: 'firmwareUpdate' }>

/**
 * New firmware. Its proof is the version that the device says it runs, under the action's id or as a change; a family
 * that reports no version has its fresh word that it is done. Errors: `invalid-input` for a release that is none.
 */
export function firmwareUpdateRules(parameters: FirmwareParameters): KindRules {
  const release = checkedRelease(parameters)
  return {
    needsTwinFirst: (dialect?: Dialect) => dialect !== 'drover',
    request: (asking) => updateRequest(asking, parameters, release),
    judgeAnswer: judgeAcceptance,
    twin: {
      canAskAgain: ({ dialect }) => dialect.name === 'drover',
      judge: (before, sighting) => judgeSighting(before, sighting, parameters),
      judgeDeadline: silence,
    },
  }
}

export function firmwareVerdict(candidate: Candidate, parameters: FirmwareParameters): Verdict {
  const verdict = methodVerdict(candidate)
  const request = assumed(candidate.dialect).request(parameters)
  // A desired property waits for a device that is offline.
  const isReachable = verdict === 'ready' || (verdict === 'offline' && request?.type === 'patch')
  if (!isReachable) return verdict
  if (candidate.row?.firmwareVersion === parameters.fwVersion) return 'already-done'
  return candidate.dialect?.name === 'drover'
    ? agentVerdict(candidate, parameters)
    : familyVerdict(candidate, request)
}

function agentVerdict(candidate: Candidate, { release }: FirmwareParameters): Verdict {
  return release !== undefined && agentHas(candidate, methodNames.firmwareUpdate) ? 'ready' : 'unsupported'
}

function familyVerdict(candidate: Candidate, request: HubRequest | undefined): Verdict {
  if (!has(candidate, request)) return 'unsupported'
  return candidate.row?.firmwareVersion === undefined ? 'unprovable' : 'ready'
}

function updateRequest(
  { dialect, actionId, now, notAfter }: Asking,
  parameters: FirmwareParameters,
  release: JsonObject,
): HubRequest | undefined {
  if (dialect.name !== 'drover') return dialect.request(parameters)
  const { fwVersion, fwPackageUri } = parameters
  const envelope = { actionId, issuedAt: now.toISOString(), notAfter: notAfter.toISOString() }
  return methodRequest(methodNames.firmwareUpdate, { ...release, fwVersion, fwPackageUri, ...envelope })
}

/** What `drover-agent sign` printed, if it agrees with what the person has seen in the form. */
function checkedRelease({ fwVersion, fwPackageUri, release }: FirmwareParameters): JsonObject {
  if (!PackageAddress.safeParse(fwPackageUri).success) {
    throw fault('release-address')
  }
  if (release === undefined) return {}
  const value = parseTypedJson(release, 'release')
  const read = ReleaseShape.safeParse(value)
  if (!isJsonObject(value) || !read.success) throw fault('release-odd')
  if (read.data.fwVersion !== undefined && read.data.fwVersion !== fwVersion) {
    throw fault('release-version', { found: read.data.fwVersion, wanted: fwVersion })
  }
  return read.data as JsonObject
}

const ReleaseShape = FirmwarePayload.omit({ actionId: true, notAfter: true }).partial({ fwPackageUri: true })

function judgeSighting(before: Following, sighting: Sighting, wanted: FirmwareParameters): Judgement {
  const following = noticeComingAndGoing(before, sighting)
  const state =
    before.dialect.name === 'drover' ? reportedState(before, sighting) : freshState(before, sighting)
  if (!state) return { following, event: comingOrGoing(following, sighting) }
  const event = state.stage === 'done' ? judgeDone(before, sighting, wanted) : judgeStage(state)
  return { following, event }
}

/** Our agent's report counts only under the same action id. */
function reportedState({ actionId }: Following, { reported }: Sighting): WorkState | undefined {
  const report = readReported(reported).firmwareUpdate
  const stage = report?.actionId === actionId ? firmwareStage(report.status) : undefined
  if (!report || !stage) return undefined
  const percent = report.progress === undefined ? undefined : Math.round(report.progress)
  return { stage, word: report.status, percent, detail: report.error?.message ?? report.error?.code }
}

function freshState({ dialect, before }: Following, { reported }: Sighting): WorkState | undefined {
  const state = dialect.readState(reported).firmware
  return state && isNews(state, before.firmware) ? state : undefined
}

/** "Done" counts where the version that was wanted is there, or where the family says no versions. */
function judgeDone(
  { dialect, before }: Following,
  { reported, readAt }: Sighting,
  { fwVersion }: FirmwareParameters,
): TargetEvent | undefined {
  const { firmwareVersion = agentsWord(reported), firmware } = dialect.readState(reported)
  if (firmwareVersion === undefined) return { name: 'succeed', evidence: wordEvidence(firmware, readAt) }
  if (firmwareVersion !== fwVersion) return undefined
  const versionBefore = before.firmwareVersion === undefined ? {} : { versionBefore: before.firmwareVersion }
  const evidence: Evidence = { kind: 'firmware', versionAfter: firmwareVersion, readAt, ...versionBefore }
  return { name: 'succeed', evidence }
}

/** An agent that does not know its version otherwise says which one it has put there. */
function agentsWord(reported: Json): string | undefined {
  return readReported(reported).firmwareUpdate?.fwVersion
}

function wordEvidence(state: WorkState | undefined, readAt: string): Evidence {
  return {
    kind: 'status',
    status: state?.word ?? '',
    readAt,
    ...(state?.at === undefined ? {} : { at: state.at }),
  }
}
