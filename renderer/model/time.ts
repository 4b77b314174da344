/** An amount of time in the largest unit that is not zero. */
export interface Age {
  readonly value: number
  readonly unit: 'second' | 'minute' | 'hour' | 'day'
}

const units = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
  { unit: 'second', ms: 1_000 },
] as const

/** How long ago an instant was. The clock of a hub may be ahead of ours: the future counts as now. */
export function ageOf(instant: string, nowMs: number): Age {
  const elapsedMs = Math.max(0, nowMs - Date.parse(instant))
  const { unit, ms } = units.find((candidate) => elapsedMs >= candidate.ms) ?? units[3]
  return { value: Math.floor(elapsedMs / ms), unit }
}
