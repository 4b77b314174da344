import type { ActionKind, Evidence, Phase, Reason, Target, TargetStatus } from '../../contract/app/action.ts'
import { oneLine } from '../model/json-layout.ts'
import { useText, type Text } from './use-text.ts'

interface Standing {
  readonly status: TargetStatus
  readonly phase?: Phase | undefined
}

/** As much of an answer as fits on a line. */
const longestLine = 300

/** Where a target stands, in words. What "succeeded" means depends on the kind of the action. */
export function useTargetWords() {
  const text = useText()
  return {
    statusWord: (standing: Standing, kind: ActionKind): string => statusWord(standing, kind, text),
    statusMeaning: (standing: Standing, kind: ActionKind): string => statusMeaning(standing, kind, text),
    explanation: (target: Target, kind: ActionKind): string =>
      groundsOf(target, text) || statusMeaning(target, kind, text),
    /** Where the evidence was read, and when; empty when there is none. */
    evidenceSource: ({ evidence }: Target): string =>
      evidence ? text.t(sourceKeys[evidence.kind], { time: text.instant(evidence.readAt) }) : '',
  }
}

const sourceKeys: Readonly<Record<Evidence['kind'], string>> = {
  'boot-id': 'evidence.readAt',
  reported: 'evidence.readAt',
  answer: 'evidence.answeredAt',
  twin: 'evidence.storedAt',
}

function statusWord({ status, phase }: Standing, kind: ActionKind, { t }: Text): string {
  if (status === 'succeeded') return t(`doneStatus.${kind}`)
  return status === 'working' && phase ? t(`phase.${phase}`) : t(`targetStatus.${status}`)
}

function statusMeaning({ status, phase }: Standing, kind: ActionKind, { t }: Text): string {
  if (status === 'succeeded') return t(`doneMeaning.${kind}`)
  return status === 'working' && phase ? t(`phaseMeaning.${phase}`) : t(`statusMeaning.${status}`)
}

/** What the status rests on: the reason and the evidence. An answer with which the device refused says both. */
function groundsOf({ reason, evidence }: Target, text: Text): string {
  if (evidence?.kind === 'answer') return answerWords(evidence, reason, text)
  const parts = [
    ...(reason ? [reasonWords(reason, text)] : []),
    ...(evidence ? [evidenceWords(evidence, text)] : []),
  ]
  return parts.join(' ')
}

function reasonWords({ code, detail }: Reason, { t }: Text): string {
  return detail === undefined ? t(`reason.${code}`) : `${t(`reason.${code}`)} (${detail})`
}

type Answer = Extract<Evidence, { kind: 'answer' }>

function answerWords({ status, payload }: Answer, reason: Reason | undefined, text: Text): string {
  const named = { status: String(status), payload: oneLine(payload, longestLine) }
  if (!reason) return text.t('evidence.answered', named)
  if (reason.code === 'refused') return text.t('evidence.refused', named)
  return `${reasonWords(reason, text)} ${text.t('evidence.answered', named)}`
}

function evidenceWords(evidence: Exclude<Evidence, Answer>, text: Text): string {
  switch (evidence.kind) {
    case 'boot-id':
      return bootIdWords(evidence, text)
    case 'reported':
      return reportedWords(evidence, text)
    case 'twin':
      return text.t('evidence.stored', { version: text.number(evidence.version) })
  }
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
