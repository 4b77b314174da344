import type { ReasonCode } from '../../../contract/app/target.ts'
import { answerStatus, readAnswerBody } from '../../../contract/device/answer.ts'
import type { HubAnswer } from '../hub-request.ts'
import type { TargetEvent } from '../target.ts'

const refusals: ReadonlyMap<number, ReasonCode> = new Map([
  [answerStatus.conflict, 'busy'],
  [answerStatus.expired, 'expired'],
  [answerStatus.unsupported, 'unsupported'],
  [answerStatus.locked, 'locked'],
])

/** What a device's answer to being asked to begin something means: acceptance at best, never success. */
export function judgeAcceptance(answer: HubAnswer): TargetEvent {
  // What was written to the desired properties reaches the device when it is connected.
  if (answer.type === 'patch') return { name: 'accept' }
  if (isYes(answer.status)) return isTakenBack(answer) ? takenBack() : { name: 'accept' }
  const code = refusals.get(answer.status) ?? 'refused'
  const detail = readAnswerBody(answer.payload)?.reason ?? String(answer.status)
  return { name: 'fail', reason: { code, detail } }
}

/** What a device says about its failure, in its own words. */
export function errorWords(
  error: { code: string; message?: string | undefined } | undefined,
): string | undefined {
  return error?.message ?? error?.code
}

/** The device says that the request under this id was taken back before it had an effect. */
export function takenBack(detail?: string): TargetEvent {
  const words = detail === undefined ? {} : { detail: detail.slice(0, 1024) }
  return { name: 'cancelled', reason: { code: 'cancelled-on-device', ...words } }
}

function isTakenBack({ payload }: Extract<HubAnswer, { type: 'method' }>): boolean {
  return readAnswerBody(payload)?.state === 'cancelled'
}

export function isYes(status: number): boolean {
  return status >= 200 && status < 300
}
