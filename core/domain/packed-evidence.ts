import type { Evidence } from '../../contract/app/target.ts'

/** What stands between the parts; a boot id with it in it goes the long way. */
const separator = '|'
/** What evidence as JSON begins with. */
const brace = '{'

/** Evidence as text. That of a reboot, of which there may be a million, is half as long as its JSON. */
export function packEvidence(evidence: Evidence): string {
  if (evidence.kind !== 'boot-id') return JSON.stringify(evidence)
  const { bootIdBefore, bootIdAfter, readAt, downMs } = evidence
  const isPlain =
    !bootIdBefore.startsWith(brace) && !bootIdBefore.includes(separator) && !bootIdAfter.includes(separator)
  if (!isPlain) return JSON.stringify(evidence)
  // The time stays text: to make a number of it, and text of that, takes longer than all the rest.
  return `${bootIdBefore}${separator}${bootIdAfter}${separator}${readAt}${separator}${downMs ?? ''}`
}

export function unpackEvidence(packed: string): Evidence {
  if (packed.startsWith(brace)) return JSON.parse(packed) as Evidence
  const [bootIdBefore = '', bootIdAfter = '', readAt = '', downMs = ''] = packed.split(separator)
  return {
    kind: 'boot-id',
    bootIdBefore,
    bootIdAfter,
    readAt,
    ...(downMs === '' ? {} : { downMs: Number(downMs) }),
  }
}
