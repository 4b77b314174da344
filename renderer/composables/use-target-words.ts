import type { Evidence, Phase, Reason, Target, TargetStatus } from '../../contract/app/action.ts'
import { useText, type Text } from './use-text.ts'

/** Where a target stands, in words. */
export function useTargetWords() {
  const text = useText()
  return {
    statusWord: (status: TargetStatus, phase?: Phase): string =>
      status === 'working' && phase ? text.t(`phase.${phase}`) : text.t(`targetStatus.${status}`),
    statusMeaning: (status: TargetStatus, phase?: Phase): string =>
      status === 'working' && phase ? text.t(`phaseMeaning.${phase}`) : text.t(`statusMeaning.${status}`),
    explanation: (target: Target): string => explanationOf(target, text),
    /** Where the evidence was read, and when; empty when there is none. */
    evidenceSource: ({ evidence }: Target): string =>
      evidence ? text.t('evidence.readAt', { time: text.instant(evidence.readAt) }) : '',
  }
}

/** What the status rests on: the reason, the evidence, or else what the status means. */
function explanationOf({ reason, evidence, status, phase }: Target, text: Text): string {
  const parts = [
    ...(reason ? [reasonWords(reason, text)] : []),
    ...(evidence ? [evidenceWords(evidence, text)] : []),
  ]
  if (parts.length > 0) return parts.join(' ')
  return status === 'working' && phase ? text.t(`phaseMeaning.${phase}`) : text.t(`statusMeaning.${status}`)
}

function reasonWords({ code, detail }: Reason, { t }: Text): string {
  return detail === undefined ? t(`reason.${code}`) : `${t(`reason.${code}`)} (${detail})`
}

function evidenceWords(evidence: Evidence, text: Text): string {
  return evidence.kind === 'boot-id' ? bootIdWords(evidence, text) : reportedWords(evidence, text)
}

function bootIdWords(evidence: Extract<Evidence, { kind: 'boot-id' }>, text: Text): string {
  const change = text.t('evidence.bootId', {
    before: short(evidence.bootIdBefore),
    after: short(evidence.bootIdAfter),
  })
  if (evidence.downMs === undefined) return change
  return `${change}, ${text.t('evidence.downTime', { duration: durationWords(evidence.downMs, text) })}`
}

function reportedWords(
  { lastReboot, leftAt, returnedAt }: Extract<Evidence, { kind: 'reported' }>,
  text: Text,
): string {
  const parts = [text.t('evidence.reported', { time: text.clock(lastReboot) })]
  if (leftAt !== undefined) parts.push(text.t('evidence.left', { time: text.clock(leftAt) }))
  if (returnedAt !== undefined) parts.push(text.t('evidence.returned', { time: text.clock(returnedAt) }))
  return parts.join(' ')
}

function durationWords(durationMs: number, { t, number }: Text): string {
  if (durationMs < 1_000) return t('duration.milliseconds', { count: number(durationMs) })
  if (durationMs < 60_000) return t('duration.seconds', { count: (durationMs / 1_000).toFixed(1) })
  const seconds = Math.round(durationMs / 1_000)
  return t('duration.minutes', { minutes: number(Math.floor(seconds / 60)), seconds: number(seconds % 60) })
}

/** Boot ids are long and random: their beginnings tell two apart. */
function short(bootId: string): string {
  return bootId.length > 8 ? `${bootId.slice(0, 6)}…` : bootId
}
