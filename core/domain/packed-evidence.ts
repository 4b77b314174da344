import type { Evidence } from '../../contract/app/target.ts'

/** What stands between the parts; a boot id with it in it goes the long way. */
const separator = '|'
/** How long an instant in milliseconds is; another number of digits makes another length. */
const instantLength = '2026-11-23T10:00:00.000Z'.length

/** Evidence as text. That of a reboot, of which there may be a million, is two thirds shorter than as JSON. */
export function packEvidence(evidence: Evidence): string {
  if (evidence.kind !== 'boot-id') return JSON.stringify(evidence)
  const { bootIdBefore, bootIdAfter, readAt, downMs } = evidence
  // What would not come back as it was, such as a time with more digits than milliseconds have, is kept as it is.
  const isExact = isPlain(bootIdBefore) && isPlain(bootIdAfter) && readAt.length === instantLength
  if (!isExact) return JSON.stringify(evidence)
  return `${bootIdBefore}${separator}${bootIdAfter}${separator}${Date.parse(readAt)}${separator}${downMs ?? ''}`
}

function isPlain(bootId: string): boolean {
  return !bootId.includes(separator) && !bootId.startsWith('{')
}

export function unpackEvidence(packed: string): Evidence {
  if (packed.startsWith('{')) return JSON.parse(packed) as Evidence
  const [bootIdBefore = '', bootIdAfter = '', readAt = '', downMs = ''] = packed.split(separator)
  return {
    kind: 'boot-id',
    bootIdBefore,
    bootIdAfter,
    readAt: new Date(Number(readAt)).toISOString(),
    ...(downMs === '' ? {} : { downMs: Number(downMs) }),
  }
}
