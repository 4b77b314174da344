import { useI18n } from 'vue-i18n'
import { ageOf } from '../model/time.ts'
import { useFormats } from '../stores/formats.ts'

type Named = Readonly<Record<string, string>>

/** What the window says, in the person's language: messages, numbers, and times in the person's own zone. */
export function useText() {
  const { t } = useI18n()
  const formats = useFormats()

  return {
    t: (key: string, named: Named = {}): string => t(key, named),
    /** A message that depends on how many; `{count}` in it is the number, grouped. */
    tCount: (key: string, count: number, named: Named = {}): string =>
      t(key, { ...named, count: formats.number.format(count) }, count),
    number: (value: number): string => formats.number.format(value),
    /** Date and time with the zone. */
    instant: (instant: string): string => formatted(formats.instant, instant),
    /** Date and time, short. */
    stamp: (instant: string): string => formatted(formats.stamp, instant),
    /** The time of day. */
    clock: (instant: string): string => formatted(formats.clock, instant),
    age: (instant: string, nowMs: number): string => {
      const { value, unit } = ageOf(instant, nowMs)
      return unit === 'second' && value < 2 ? t('time.now') : formats.age.format(-value, unit)
    },
  }
}

export type Text = ReturnType<typeof useText>

/** A device may report any text as a time; what is none is shown as it came. */
function formatted(format: Intl.DateTimeFormat, instant: string): string {
  const time = Date.parse(instant)
  return Number.isNaN(time) ? instant : format.format(time)
}
