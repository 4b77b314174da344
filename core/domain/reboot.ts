import type { Evidence, ReasonCode } from '../../contract/app/action.ts'
import type { Dialect } from '../../contract/app/device.ts'
import type { ActionId } from '../../contract/app/ids.ts'
import { answerStatus, readAnswerBody } from '../../contract/device/answer.ts'
import { methodNames, type RebootPayload } from '../../contract/device/method.ts'
import { readReported, type RebootReport } from '../../contract/device/reported.ts'
import { tutorialRestartTime } from './dialect.ts'
import type { TargetEvent } from './target.ts'

/** How a device is asked to reboot. */
export interface RebootRequest {
  readonly methodName: string
  readonly payload: Readonly<Record<string, string>> | null
}

/** A device whose agent is not ours gets what the tutorial sends, so that it need not change. */
export function rebootRequest(dialect: Dialect, actionId: ActionId, notAfter: Date): RebootRequest {
  const payload = { actionId, notAfter: notAfter.toISOString() } satisfies RebootPayload
  return { methodName: methodNames.reboot, payload: dialect === 'drover' ? payload : null }
}

const refusals: ReadonlyMap<number, ReasonCode> = new Map([
  [answerStatus.conflict, 'busy'],
  [answerStatus.expired, 'expired'],
  [answerStatus.unsupported, 'unsupported'],
  [answerStatus.locked, 'locked'],
])

/** What a device's answer to the method means: acceptance at best, never success. */
export function judgeAnswer(answer: { readonly status: number; readonly payload: unknown }): TargetEvent {
  if (answer.status >= 200 && answer.status < 300) return { name: 'accept' }
  const code = refusals.get(answer.status) ?? 'refused'
  const detail = readAnswerBody(answer.payload)?.reason ?? `The device answered ${answer.status}.`
  return { name: 'fail', reason: { code, detail } }
}

/** What is known about a device that was asked to reboot, between two looks at its twin. */
export interface Following {
  readonly dialect: Dialect
  readonly actionId: ActionId
  /** What a tutorial device had reported before it was asked. */
  readonly restartTimeBefore: string | undefined
  readonly leftAt: string | undefined
  readonly returnedAt: string | undefined
}

/** One look at a device's twin. */
export interface Sighting {
  readonly isConnected: boolean
  readonly reported: unknown
  readonly readAt: string
}

export interface Judgement {
  readonly following: Following
  readonly event: TargetEvent | undefined
}

/** What a look at the twin proves. */
export function judgeSighting(before: Following, sighting: Sighting): Judgement {
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
function tutorialFinding(following: Following, { reported, readAt }: Sighting): TargetEvent | undefined {
  if (following.returnedAt === undefined) return undefined
  const evidence = reportedEvidence(following, { reported, readAt })
  return evidence && { name: 'lose', reason: { code: 'not-provable' }, evidence }
}

function reportedEvidence(
  following: Following,
  seen: Pick<Sighting, 'reported' | 'readAt'>,
): Evidence | undefined {
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
export function judgeDeadline(following: Following, last: Sighting | undefined): TargetEvent {
  const evidence = last && following.dialect === 'tutorial' ? reportedEvidence(following, last) : undefined
  if (evidence) return { name: 'lose', reason: { code: 'not-provable' }, evidence }
  return { name: 'lose', reason: { code: 'did-not-return' } }
}
