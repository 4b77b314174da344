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
  if (answer.type === 'patch' || isYes(answer.status)) return { name: 'accept' }
  const code = refusals.get(answer.status) ?? 'refused'
  const detail = readAnswerBody(answer.payload)?.reason ?? `The device answered ${answer.status}.`
  return { name: 'fail', reason: { code, detail } }
}

export function isYes(status: number): boolean {
  return status >= 200 && status < 300
}
