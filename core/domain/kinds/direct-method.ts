import type { ActionParameters } from '../../../contract/app/parameters.ts'
import type { Evidence } from '../../../contract/app/target.ts'
import { parseTypedJson } from '../json.ts'
import type { TargetEvent } from '../target.ts'
import type { HubAnswer } from '../hub-request.ts'
import type { KindRules } from './kind.ts'

type MethodParameters = Extract<ActionParameters, { kind: 'method' }>

/** The longest answer that is kept: what the hub lets a device send, 128 KB. */
const longestAnswer = 131_072

/**
 * A direct method of any name. The device's own answer is the outcome, and is kept whole; an answer that was lost
 * leaves nothing to look for, so it stays unknown. Errors: `invalid-input` for a payload that is not JSON.
 */
export function directMethodRules({ methodName, payload, responseTimeoutMs }: MethodParameters): KindRules {
  const value = parseTypedJson(payload, 'payload')
  return {
    needsTwinFirst: () => false,
    request: () => ({ type: 'method', methodName, payload: value, responseTimeoutMs }),
    judgeAnswer,
    twin: undefined,
  }
}

/** A status below 400 is the device's yes, by the convention of the tutorials and samples. */
function judgeAnswer(answer: HubAnswer): TargetEvent {
  if (answer.type !== 'method') throw new TypeError('A method is answered by the device.')
  const { status, payload, at } = answer
  const evidence: Evidence = {
    kind: 'answer',
    status,
    payload: JSON.stringify(payload).slice(0, longestAnswer),
    readAt: at,
  }
  if (status < 400) return { name: 'succeed', evidence }
  return { name: 'fail', evidence, reason: { code: 'refused', detail: String(status) } }
}
