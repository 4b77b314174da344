import type { Verdict } from '../../../contract/app/preflight.ts'
import { readArmedAnswer, type FactoryResetPayload } from '../../../contract/device/factory-reset.ts'
import { methodNames } from '../../../contract/device/method.ts'
import { readReported } from '../../../contract/device/reported.ts'
import { methodRequest } from '../dialects/dialect.ts'
import type { HubAnswer, HubRequest } from '../hub-request.ts'
import type { TargetEvent } from '../target.ts'
import { comingOrGoing, noticeComingAndGoing } from './coming-and-going.ts'
import { errorWords, isYes, judgeAcceptance, takenBack } from './device-answer.ts'
import {
  agentHas,
  has,
  methodVerdict,
  type Asking,
  type Candidate,
  type Following,
  type Judgement,
  type KindRules,
  type NextRequest,
  type Sighting,
} from './kind.ts'
import { isNews, judgeStage } from './work-report.ts'

/**
 * A factory reset takes two questions of our agent: what it would wipe, and with its answer's nonce, to do it. Its
 * proof is a report under the action's id by the system that the reset left behind.
 */
export const factoryResetRules = {
  needsTwinFirst: () => true,
  keepsTwin: true,
  request: armRequest,
  judgeAnswer,
  twin: {
    // Never by itself: whoever resets a device twice wipes what was set up in between.
    canAskAgain: () => false,
    judge: judgeSighting,
    judgeDeadline: () => ({ name: 'lose', reason: { code: 'did-not-return' } }),
  },
} satisfies KindRules

export function factoryResetVerdict(candidate: Candidate): Verdict {
  const verdict = methodVerdict(candidate)
  if (verdict !== 'ready') return verdict
  const { dialect } = candidate
  if (dialect?.name === 'drover')
    return agentHas(candidate, methodNames.factoryReset) ? 'ready' : 'unsupported'
  return has(candidate, dialect?.request({ kind: 'factoryReset' })) ? 'unprovable' : 'unsupported'
}

function armRequest({ dialect, actionId, now, notAfter }: Asking): HubRequest | undefined {
  if (dialect.name !== 'drover') return dialect.request({ kind: 'factoryReset' })
  return methodRequest(methodNames.factoryReset, {
    actionId,
    issuedAt: now.toISOString(),
    notAfter: notAfter.toISOString(),
    phase: 'arm',
  } satisfies FactoryResetPayload)
}

function judgeAnswer(answer: HubAnswer, asking: Asking): TargetEvent | NextRequest {
  const isArmed = asking.dialect.name === 'drover' && answer.type === 'method' && isYes(answer.status)
  const armed = isArmed ? readArmedAnswer(answer.payload) : undefined
  if (armed?.actionId !== asking.actionId) return judgeAcceptance(answer)
  // The person had no warning of it, and the device does nothing without the second question.
  if (!armed.willReturn && asking.keepsIdentity) return { name: 'fail', reason: { code: 'would-not-return' } }
  const payload = {
    actionId: asking.actionId,
    issuedAt: asking.now.toISOString(),
    notAfter: asking.notAfter.toISOString(),
    phase: 'execute',
    nonce: armed.nonce,
  } satisfies FactoryResetPayload
  return { next: methodRequest(methodNames.factoryReset, payload) }
}

function judgeSighting(before: Following, sighting: Sighting): Judgement {
  const following = noticeComingAndGoing(before, sighting)
  const found =
    before.dialect.name === 'drover' ? droverProof(before, sighting) : otherFinding(before, sighting)
  return { following, event: found ?? comingOrGoing(following, sighting) }
}

function droverProof({ actionId }: Following, { reported, readAt }: Sighting): TargetEvent | undefined {
  const report = readReported(reported).factoryReset
  if (report?.actionId !== actionId) return undefined
  const detail = errorWords(report.error)
  if (report.status === 'cancelled') return takenBack(detail)
  if (report.status === 'failed')
    return { name: 'fail', reason: { code: 'device-failed', detail: detail ?? report.status } }
  const endedAt = report.endedAt === undefined ? {} : { endedAt: report.endedAt }
  return { name: 'succeed', evidence: { kind: 'reset', kept: report.kept, readAt, ...endedAt } }
}

function otherFinding(
  { dialect, before }: Following,
  { reported, readAt }: Sighting,
): TargetEvent | undefined {
  const state = dialect.readState(reported).reset
  if (!state || !isNews(state, before.reset)) return undefined
  if (state.stage !== 'done') return judgeStage(state)
  const at = state.at === undefined ? {} : { at: state.at }
  return { name: 'succeed', evidence: { kind: 'status', status: state.word, readAt, ...at } }
}
