import type { Evidence } from '../../contract/app/target.ts'

/** What stands between the parts; a boot id with it in it goes the long way. */
const separator = '|'

/** Evidence as text. That of a reboot, of which there may be a million, is two thirds shorter than as JSON. */
export function packEvidence(evidence: Evidence): string {
  if (evidence.kind !== 'boot-id') return JSON.stringify(evidence)
  const { bootIdBefore, bootIdAfter, readAt, downMs } = evidence
  const parts = [
    bootIdBefore,
    bootIdAfter,
    String(Date.parse(readAt)),
    downMs === undefined ? '' : String(downMs),
  ]
  const packed = parts.join(separator)
  // What does not come back as it was, such as a time with more digits, is kept as it is.
  const isExact =
    packed.split(separator).length === parts.length && new Date(Date.parse(readAt)).toISOString() === readAt
  return isExact && !packed.startsWith('{') ? packed : JSON.stringify(evidence)
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
