import type { Evidence, ReasonCode, Verdict } from '../../../contract/app/action.ts'
import type { Dialect } from '../../../contract/app/device.ts'
import { answerStatus, readAnswerBody } from '../../../contract/device/answer.ts'
import { methodNames, type RebootPayload } from '../../../contract/device/method.ts'
import { readReported, type RebootReport } from '../../../contract/device/reported.ts'
import { tutorialRestartTime } from '../dialect.ts'
import type { TargetEvent } from '../target.ts'
import {
  methodVerdict,
  type Asking,
  type Candidate,
  type Following,
  type HubAnswer,
  type HubRequest,
  type Judgement,
  type KindRules,
  type Sighting,
} from './kind.ts'

/** How long a device has to say yes. */
const responseTimeoutMs = 30_000

export const rebootRules = {
  // A tutorial device proves nothing by itself, so what it had reported before is read first.
  needsTwinFirst: (dialect?: Dialect) => dialect !== 'drover',
  request: rebootRequest,
  judgeAnswer,
  twin: {
    // Our agent keeps what it did under an action id, and answers from memory; a tutorial device would reboot twice.
    canAskAgain: ({ dialect }: Following) => dialect === 'drover',
    judge: judgeSighting,
    judgeDeadline,
  },
} satisfies KindRules

/** Whether a reboot makes sense now, and whether its outcome can be proven. */
export function rebootVerdict(candidate: Candidate): Verdict {
  const verdict = methodVerdict(candidate)
  const { row, supportedActions } = candidate
  if (verdict !== 'ready') return verdict
  if (supportedActions && !supportedActions.includes(methodNames.reboot)) return 'unsupported'
  return row?.dialect === 'drover' ? 'ready' : 'unprovable'
}

/** A device whose agent is not ours gets what the tutorial sends, so that it need not change. */
function rebootRequest({ dialect, actionId, notAfter }: Asking): HubRequest {
  const payload = { actionId, notAfter: notAfter.toISOString() } satisfies RebootPayload
  const methodName = methodNames.reboot
  return { type: 'method', methodName, payload: dialect === 'drover' ? payload : null, responseTimeoutMs }
}

const refusals: ReadonlyMap<number, ReasonCode> = new Map([
  [answerStatus.conflict, 'busy'],
  [answerStatus.expired, 'expired'],
  [answerStatus.unsupported, 'unsupported'],
  [answerStatus.locked, 'locked'],
])

/** What a device's answer to the method means: acceptance at best, never success. */
function judgeAnswer(answer: HubAnswer): TargetEvent {
  if (answer.type !== 'method') throw new TypeError('A reboot is asked for with a direct method.')
  if (answer.status >= 200 && answer.status < 300) return { name: 'accept' }
  const code = refusals.get(answer.status) ?? 'refused'
  const detail = readAnswerBody(answer.payload)?.reason ?? `The device answered ${answer.status}.`
  return { name: 'fail', reason: { code, detail } }
}

/** What a look at the twin proves. */
function judgeSighting(before: Following, sighting: Sighting): Judgement {
  const following = noticeComingAndGoing(before, sighting)
  const left: TargetEvent | undefined = sighting.isConnected ? undefined : { name: 'leave' }
  const proof =
    before.dialect === 'drover' ? droverProof(following, sighting) : tutorialFinding(following, sighting)
  return { following, event: proof ?? left }
}

function noticeComingAndGoing(following: Following, { isConnected, readAt }: Sighting): Following {
  if (!isConnected) return { ...following, leftAt: following.leftAt ?? readAt, returnedAt: undefined }
  if (following.leftAt === undefined || following.returnedAt !== undefined) return following
  return { ...following, returnedAt: readAt }
}

/** Our agent's report counts only under the same action id: last month's reboot proves nothing about this one. */
function droverProof({ actionId }: Following, { reported, readAt }: Sighting): TargetEvent | undefined {
  const report = readReported(reported).reboot
  if (report?.actionId !== actionId) return undefined
  if (report.status === 'failed') return { name: 'fail', reason: deviceFailure(report) }

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
  const detail = error?.message ?? error?.code
  return { code, ...(detail === undefined ? {} : { detail }) }
}

function downTimeMs({ startedAt, endedAt }: RebootReport): number | undefined {
  if (!startedAt || !endedAt) return undefined
  const downMs = Date.parse(endedAt) - Date.parse(startedAt)
  return Number.isSafeInteger(downMs) && downMs >= 0 ? downMs : undefined
}

/**
 * The tutorial's device writes its time before it restarts, and may come back from anything: its report and its
 * absence together are worth showing, and are not proof.
 */
function tutorialFinding(following: Following, sighting: Sighting): TargetEvent | undefined {
  if (following.returnedAt === undefined) return undefined
  const evidence = reportedEvidence(following, sighting)
  return evidence && { name: 'lose', reason: { code: 'not-provable' }, evidence }
}

function reportedEvidence(following: Following, seen: Sighting): Evidence | undefined {
  const lastReboot = tutorialRestartTime(seen.reported)
  if (lastReboot === undefined || lastReboot === following.restartTimeBefore) return undefined
  const { leftAt, returnedAt } = following
  return {
    kind: 'reported',
    lastReboot,
    readAt: seen.readAt,
    ...(leftAt === undefined ? {} : { leftAt }),
    ...(returnedAt === undefined ? {} : { returnedAt }),
  }
}

/** What is left to say when the time is over: never failure, for the device may still come back. */
function judgeDeadline(following: Following, last: Sighting | undefined): TargetEvent {
  const evidence = last && following.dialect === 'tutorial' ? reportedEvidence(following, last) : undefined
  if (evidence) return { name: 'lose', reason: { code: 'not-provable' }, evidence }
  return { name: 'lose', reason: { code: 'did-not-return' } }
}
