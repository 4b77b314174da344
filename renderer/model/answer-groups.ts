import type { Target } from '../../contract/app/target.ts'
import type { DeviceId } from '../../contract/app/ids.ts'

/** The devices that gave the very same answer. */
export interface AnswerGroup {
  readonly key: string
  readonly status: number
  /** JSON as text. */
  readonly payload: string
  readonly isRefusal: boolean
  readonly deviceIds: readonly DeviceId[]
}

export interface AnswerGroups {
  /** The biggest first. */
  readonly groups: readonly AnswerGroup[]
  readonly unanswered: readonly DeviceId[]
}

/** Groups the targets by what their devices answered, status and payload together. */
export function groupByAnswer(targets: readonly Target[]): AnswerGroups {
  const byAnswer = Map.groupBy(targets, answerKey)
  const unanswered = (byAnswer.get(undefined) ?? []).map(({ deviceId }) => deviceId)
  const groups = [...byAnswer.values()].flatMap(toGroup)
  return { groups: groups.toSorted((a, b) => b.deviceIds.length - a.deviceIds.length), unanswered }
}

function answerKey({ evidence }: Target): string | undefined {
  return evidence?.kind === 'answer' ? `${evidence.status} ${evidence.payload}` : undefined
}

function toGroup(targets: readonly Target[]): AnswerGroup[] {
  const [first] = targets
  if (first?.evidence?.kind !== 'answer') return []
  const { status, payload } = first.evidence
  const deviceIds = targets.map(({ deviceId }) => deviceId)
  return [{ key: `${status} ${payload}`, status, payload, isRefusal: first.status === 'failed', deviceIds }]
}
