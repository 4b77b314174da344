import type { Verdict } from '../../../contract/app/preflight.ts'
import type { Evidence, ReasonCode } from '../../../contract/app/target.ts'
import type { Dialect } from '../../../contract/app/device.ts'
import { methodNames, type RebootPayload } from '../../../contract/device/method.ts'
import { readReported, type RebootReport } from '../../../contract/device/reported.ts'
import { assumed } from '../dialects/recognise.ts'
import { methodRequest } from '../dialects/dialect.ts'
import type { HubRequest } from '../hub-request.ts'
import type { TargetEvent } from '../target.ts'
import { comingOrGoing, noticeComingAndGoing, silence } from './coming-and-going.ts'
import { errorWords, judgeAcceptance, takenBack } from './device-answer.ts'
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

export const rebootRules = {
  // The other families prove by a change, if at all, so what they had reported before is read first.
  needsTwinFirst: (dialect?: Dialect) => dialect !== 'drover',
  request: rebootRequest,
  judgeAnswer: judgeAcceptance,
  twin: {
    // Our agent keeps what it did under an action id, and answers from memory; another device would reboot twice.
    canAskAgain: ({ dialect }: Following) => dialect.name === 'drover',
    judge: judgeSighting,
    judgeDeadline,
  },
} satisfies KindRules

/** Whether a reboot makes sense now, and whether its outcome can be proven. */
export function rebootVerdict(candidate: Candidate): Verdict {
  const verdict = methodVerdict(candidate)
  if (verdict !== 'ready') return verdict
  const { dialect } = candidate
  if (dialect?.name === 'drover') return agentHas(candidate, methodNames.reboot) ? 'ready' : 'unsupported'
  if (!has(candidate, assumed(dialect).request({ kind: 'reboot' }))) return 'unsupported'
  return candidate.state?.bootTime === undefined ? 'unprovable' : 'ready'
}

/** A device whose agent is not ours gets what its family knows, so that it need not change. */
function rebootRequest({ dialect, actionId, now, notAfter }: Asking): HubRequest | undefined {
  if (dialect.name !== 'drover') return dialect.request({ kind: 'reboot' })
  const [issued, until] = [now.toISOString(), notAfter.toISOString()]
  return methodRequest(methodNames.reboot, {
    actionId,
    issuedAt: issued,
    notAfter: until,
  } satisfies RebootPayload)
}

/** What a look at the twin proves. */
function judgeSighting(before: Following, sighting: Sighting): Judgement {
  const following = noticeComingAndGoing(before, sighting)
  const proof =
    before.dialect.name === 'drover' ? droverProof(following, sighting) : otherFinding(following, sighting)
  return { following, event: proof ?? comingOrGoing(following, sighting) }
}

/** Our agent's report counts only under the same action id: last month's reboot proves nothing about this one. */
function droverProof({ actionId }: Following, { reported, readAt }: Sighting): TargetEvent | undefined {
  const report = readReported(reported).reboot
  if (report?.actionId !== actionId) return undefined
  if (report.status === 'failed') return { name: 'fail', reason: deviceFailure(report) }
  if (report.status === 'cancelled') return takenBack(errorWords(report.error))

  const { bootIdBefore, bootIdAfter } = report
  if (!bootIdBefore || !bootIdAfter || bootIdBefore === bootIdAfter) {
    return { name: 'lose', reason: { code: 'not-provable' } }
  }
  const downMs = downTimeMs(report)
  const evidence: Evidence = {
    kind: 'boot-id',
    bootIdBefore,
    bootIdAfter,
    readAt,
    ...(downMs === undefined ? {} : { downMs }),
  }
  return { name: 'succeed', evidence }
}

function deviceFailure({ error }: RebootReport): { code: ReasonCode; detail?: string } {
  const code = error?.code === 'did-not-reboot' ? 'did-not-reboot' : 'device-failed'
  const detail = errorWords(error)
  return { code, ...(detail === undefined ? {} : { detail }) }
}

function downTimeMs({ startedAt, endedAt }: RebootReport): number | undefined {
  if (!startedAt || !endedAt) return undefined
  const downMs = Date.parse(endedAt) - Date.parse(startedAt)
  return Number.isSafeInteger(downMs) && downMs >= 0 ? downMs : undefined
}

/**
 * A start time that the device's system counts is proof when it changes. The tutorial's device writes its time before
 * it restarts, and may come back from anything: its report and its absence together are worth showing, and no proof.
 */
function otherFinding(following: Following, sighting: Sighting): TargetEvent | undefined {
  const before = following.before.bootTime
  const after = following.dialect.readState(sighting.reported).bootTime
  if (before !== undefined && after !== undefined && after !== before) {
    return { name: 'succeed', evidence: { kind: 'boot-time', before, after, readAt: sighting.readAt } }
  }
  // A family that can prove it is waited for; of the others there is nothing more to come.
  if (before !== undefined || following.returnedAt === undefined) return undefined
  const evidence = reportedEvidence(following, sighting)
  return evidence && { name: 'lose', reason: { code: 'not-provable' }, evidence }
}

function reportedEvidence(following: Following, seen: Sighting): Evidence | undefined {
  const lastReboot = following.dialect.readState(seen.reported).restartTime
  if (lastReboot === undefined || lastReboot === following.before.restartTime) return undefined
  const { leftAt, returnedAt } = following
  return {
    kind: 'reported',
    lastReboot,
    readAt: seen.readAt,
    ...(leftAt === undefined ? {} : { leftAt }),
    ...(returnedAt === undefined ? {} : { returnedAt }),
  }
}

function judgeDeadline(following: Following, last: Sighting | undefined): TargetEvent {
  const evidence = last && reportedEvidence(following, last)
  // Families without a proof of their own said when they would restart; whether they did is not known.
  if (evidence && following.leftAt !== undefined)
    return { name: 'lose', reason: { code: 'not-provable' }, evidence }
  const { name, reason } = silence(following, last)
  return { name, reason, ...(evidence ? { evidence } : {}) }
}
