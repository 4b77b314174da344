import type { ActionKind } from '../../contract/app/parameters.ts'
import type { Evidence, Phase, Reason, Target, TargetStatus } from '../../contract/app/target.ts'
import { oneLine, revealHidden } from '../model/json-layout.ts'
import { durationWords } from './duration-words.ts'
import { useProblemWords } from './use-problem-words.ts'
import { useText, type Text } from './use-text.ts'

interface Standing {
  readonly status: TargetStatus
  readonly phase?: Phase | undefined
  readonly percent?: number | undefined
}

type Grounds = Pick<Target, 'reason' | 'evidence'>

/** As much of an answer as fits on a line. */
const longestLine = 300

/** Where a target stands, in words. What "succeeded" means depends on the kind of the action. */
export function useTargetWords() {
  const words = { ...useText(), faultMeaning: useProblemWords().faultMeaning }
  const text: Text = words
  return {
    statusWord: (standing: Standing, kind: ActionKind): string => statusWord(standing, kind, text),
    statusMeaning: (standing: Standing, kind: ActionKind): string => statusMeaning(standing, kind, text),
    explanation: (target: Target, kind: ActionKind): string =>
      groundsOf(target, words) || statusMeaning(target, kind, text),
    /** What a status rests on; empty when nothing is known. */
    grounds: (known: Grounds): string => groundsOf(known, words),
    /** What to do about the reason; empty when there is none. */
    nextStep: ({ reason }: Target): string => (reason ? text.t(`reasonStep.${reason.code}`) : ''),
    /** Where the evidence was read, and when; empty when there is none. */
    evidenceSource: ({ evidence }: Target): string =>
      evidence ? text.t(sourceKeys[evidence.kind], { time: text.instant(evidence.readAt) }) : '',
  }
}

type Words = Text & Pick<ReturnType<typeof useProblemWords>, 'faultMeaning'>

const sourceKeys: Readonly<Record<Evidence['kind'], string>> = {
  'boot-id': 'evidence.readAt',
  reported: 'evidence.readAt',
  reset: 'evidence.readAt',
  firmware: 'evidence.readAt',
  status: 'evidence.readAt',
  'boot-time': 'evidence.readAt',
  answer: 'evidence.answeredAt',
  twin: 'evidence.storedAt',
}

function statusWord({ status, phase, percent }: Standing, kind: ActionKind, { t }: Text): string {
  if (status === 'succeeded') return t(`doneStatus.${kind}`)
  if (status !== 'working' || !phase) return t(`targetStatus.${status}`)
  const word = t(`phase.${phase}`)
  return percent === undefined ? word : t('percent', { phase: word, percent: String(percent) })
}

function statusMeaning({ status, phase }: Standing, kind: ActionKind, { t }: Text): string {
  if (status === 'succeeded') return t(`doneMeaning.${kind}`)
  return status === 'working' && phase ? t(`phaseMeaning.${phase}`) : t(`statusMeaning.${status}`)
}

/** What the status rests on: the reason and the evidence. An answer with which the device refused says both. */
function groundsOf({ reason, evidence }: Grounds, text: Words): string {
  if (evidence?.kind === 'answer') return answerWords(evidence, reason, text)
  const parts = [
    ...(reason ? [reasonWords(reason, text)] : []),
    ...(evidence ? [evidenceWords(evidence, text)] : []),
  ]
  return parts.join(' ')
}

/** A fault has words of ours; everything else is what the device or the hub said, as it came. */
function reasonWords({ code, detail, fault, values }: Reason, { t, faultMeaning }: Words): string {
  if (fault !== undefined) return `${t(`reason.${code}`)} ${faultMeaning({ fault, values }, detail ?? '')}`
  return detail === undefined ? t(`reason.${code}`) : `${t(`reason.${code}`)} (${revealHidden(detail)})`
}

type Answer = Extract<Evidence, { kind: 'answer' }>

function answerWords({ status, payload }: Answer, reason: Reason | undefined, text: Words): string {
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
    case 'reset':
      return resetWords(evidence, text)
    case 'firmware':
      return firmwareWords(evidence, text)
    case 'status':
      return statusReportWords(evidence, text)
    case 'boot-time':
      return bootTimeWords(evidence, text)
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

function resetWords({ kept }: Extract<Evidence, { kind: 'reset' }>, { t }: Text): string {
  if (kept.length === 0) return t('evidence.reset')
  return `${t('evidence.reset')} ${t('evidence.kept', { kept: kept.join(', ') })}`
}

function firmwareWords(
  { versionBefore, versionAfter }: Extract<Evidence, { kind: 'firmware' }>,
  { t }: Text,
): string {
  if (versionBefore === undefined || versionBefore === versionAfter)
    return t('evidence.runs', { after: versionAfter })
  return t('evidence.firmware', { before: versionBefore, after: versionAfter })
}

function statusReportWords({ status, at }: Extract<Evidence, { kind: 'status' }>, text: Text): string {
  const word = text.t('evidence.status', { status })
  return at === undefined ? word : `${word} ${text.t('evidence.writtenAt', { time: text.instant(at) })}`
}

function bootTimeWords({ before, after }: Extract<Evidence, { kind: 'boot-time' }>, text: Text): string {
  const started = { after: text.instant(after) }
  if (before === undefined) return text.t('evidence.bootedAt', started)
  return text.t('evidence.bootTime', { ...started, before: text.instant(before) })
}

/** Boot ids are long and random: their beginnings tell two apart. */
function short(bootId: string): string {
  return bootId.length > 8 ? `${bootId.slice(0, 6)}…` : bootId
}
