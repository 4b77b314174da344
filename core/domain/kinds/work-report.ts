import type { Reason, ReasonCode } from '../../../contract/app/target.ts'
import type { WorkState } from '../dialects/dialect.ts'
import type { TargetEvent } from '../target.ts'
import { takenBack } from './device-answer.ts'

const failures: Partial<Record<WorkState['stage'], ReasonCode>> = {
  failed: 'device-failed',
  'download-failed': 'download-failed',
  'apply-failed': 'apply-failed',
  'rolled-back': 'rolled-back',
}

/** What a device's own word about its work means, except for the word that it is done. */
export function judgeStage(state: WorkState): TargetEvent | undefined {
  const { stage, percent } = state
  if (stage === 'done') return undefined
  if (stage === 'cancelled') return takenBack(state.detail)
  const code = failures[stage]
  if (code) return { name: 'fail', reason: reasonOf(code, state) }
  return { name: 'progress', phase: stage as Exclude<typeof stage, keyof typeof failures>, percent }
}

function reasonOf(code: ReasonCode, { detail, word }: WorkState): Reason {
  return { code, detail: (detail ?? word).slice(0, 1024) }
}

/** Whether the device has said something since: the same word at the same time was there before it was asked. */
export function isNews(state: WorkState, before: WorkState | undefined): boolean {
  return before === undefined || state.word !== before.word || state.at !== before.at
}
