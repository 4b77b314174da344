import type { ActionParameters } from '../../../contract/app/parameters.ts'
import type { Verdict } from '../../../contract/app/preflight.ts'
import { fault } from '../../../contract/faults.ts'
import { isJsonObject, parseTypedJson, utf8Bytes, type Json, type JsonObject } from '../json.ts'
import type { TargetEvent } from '../target.ts'
import type { HubAnswer } from '../hub-request.ts'
import type { Candidate, Following, Judgement, KindRules, Sighting } from './kind.ts'

type PatchParameters = Extract<ActionParameters, { kind: 'desired' | 'tags' }>

/** Documented limits of a twin: sections in bytes, strings in bytes, depth in levels. */
const largest = { desired: 32_768, tags: 8_192 } as const
const longestString = 4_096
const deepest = 10

/**
 * A merge patch of the desired properties or the tags. The hub's word that it stored the patch is the outcome; when
 * that word was lost, the twin itself tells. Errors: `invalid-input` for what the hub would refuse, before it is sent.
 */
export function twinPatchRules({ kind, patch: text }: PatchParameters): KindRules {
  const patch = checkedPatch(kind, text)
  return {
    needsTwinFirst: () => false,
    // A merge of single keys does not depend on what else has changed, so any version of the twin will do.
    request: () => ({ type: 'patch', sections: { [kind]: patch } }),
    judgeAnswer: judgePatchAnswer,
    twin: {
      // Merging the same patch twice is merging it once.
      canAskAgain: () => true,
      judge: (following, sighting) => judge(kind, patch, { following, sighting }),
      judgeDeadline: () => ({ name: 'lose', reason: { code: 'no-answer' } }),
    },
  }
}

/** The hub keeps the twin of every device, connected or not. */
export function patchVerdict({ row, isBusy }: Candidate): Verdict {
  if (!row) return 'missing'
  return isBusy ? 'busy' : 'ready'
}

/** The hub's word that it stored the patch is the outcome. */
export function judgePatchAnswer(answer: HubAnswer): TargetEvent {
  if (answer.type !== 'patch') throw new TypeError('A patch is answered by the hub.')
  return { name: 'succeed', evidence: { kind: 'twin', version: answer.version, readAt: answer.at } }
}

function judge(
  kind: 'desired' | 'tags',
  patch: JsonObject,
  seen: { following: Following; sighting: Sighting },
): Judgement {
  const { following, sighting } = seen
  const { version, readAt } = sighting
  if (!contains(sighting[kind], patch)) return { following, event: undefined }
  return { following, event: { name: 'succeed', evidence: { kind: 'twin', version, readAt } } }
}

/** Whether the value is what it would be if the patch had just been merged into it. */
function contains(value: Json | undefined, patch: Json): boolean {
  if (patch === null) return value === undefined
  if (!isJsonObject(patch)) return JSON.stringify(value) === JSON.stringify(patch)
  if (!isJsonObject(value)) return false
  return Object.entries(patch).every(([key, wanted]) =>
    contains(Object.hasOwn(value, key) ? value[key] : undefined, wanted),
  )
}

function checkedPatch(section: 'desired' | 'tags', text: string): JsonObject {
  const patch = parseTypedJson(text, 'patch')
  if (!isJsonObject(patch) || Object.keys(patch).length === 0) {
    throw fault('patch-empty')
  }
  const bytes = utf8Bytes(JSON.stringify(patch))
  if (bytes > largest[section]) throw fault('patch-bytes', { bytes, most: largest[section] })
  checkValue(patch, 1)
  return patch
}

function checkValue(value: Json, depth: number): void {
  if (typeof value === 'string' && utf8Bytes(value) > longestString) {
    throw fault('patch-text-bytes', { most: longestString })
  }
  if (typeof value !== 'object' || value === null) return
  if (depth > deepest) throw fault('patch-depth', { most: deepest })
  for (const [key, inner] of Object.entries(value)) {
    if (isJsonObject(value)) checkKey(key)
    checkValue(inner, depth + 1)
  }
}

// eslint-disable-next-line no-control-regex -- control characters are what the hub refuses
const forbiddenInKeys = /[.$\s\u0000-\u001f\u007f]/

function checkKey(key: string): void {
  if (key === '' || forbiddenInKeys.test(key)) {
    throw fault('patch-key', { name: JSON.stringify(key.slice(0, 64)) })
  }
}
