import type { Text } from './use-text.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000

/** A measured duration in its two largest units. */
export function durationWords(durationMs: number, { t, number }: Text): string {
  if (durationMs < 1_000) return t('duration.milliseconds', { count: number(durationMs) })
  if (durationMs < minuteMs) return t('duration.seconds', { count: (durationMs / 1_000).toFixed(1) })
  const [key, large, small] = largeUnits(durationMs)
  return t(key, { large: number(large), small: number(small) })
}

/** A duration that nobody knows to the second: one unit below a minute, two above. */
export function roughDuration(durationMs: number, { t, number }: Text): string {
  if (durationMs < minuteMs)
    return t('duration.seconds', { count: number(Math.max(1, Math.ceil(durationMs / 1_000))) })
  const [key, large, small] = largeUnits(durationMs)
  if (small === 0) return t(`${key}Only`, { large: number(large) })
  return t(key, { large: number(large), small: number(small) })
}

function largeUnits(durationMs: number): readonly [string, number, number] {
  if (durationMs < hourMs) return ['duration.minutes', ...split(durationMs, minuteMs, 1_000)]
  if (durationMs < dayMs) return ['duration.hours', ...split(durationMs, hourMs, minuteMs)]
  return ['duration.days', ...split(durationMs, dayMs, hourMs)]
}

/** Whole large units, and the rest in small ones. */
function split(durationMs: number, largeMs: number, smallMs: number): readonly [number, number] {
  const small = Math.round(durationMs / smallMs)
  const perLarge = largeMs / smallMs
  return [Math.floor(small / perLarge), small % perLarge]
}
