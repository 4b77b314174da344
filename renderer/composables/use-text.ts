import { useI18n } from 'vue-i18n'
import { revealHidden } from '../model/json-layout.ts'
import { ageOf } from '../model/time.ts'
import { useFormats } from '../stores/formats.ts'

type Named = Readonly<Record<string, string>>

/**
 * What the window says, in the person's language: messages, numbers, and times in the person's own zone. What goes into a
 * message may be anybody's text: a mark in it that turns text around would turn the whole sentence around.
 */
export function useText() {
  const { t } = useI18n()
  const formats = useFormats()

  return {
    t: (key: string, named: Named = {}): string => t(key, revealed(named)),
    /** A message that depends on how many; `{count}` in it is the number, grouped. */
    tCount: (key: string, count: number, named: Named = {}): string =>
      t(key, { ...revealed(named), count: formats.number.format(count) }, count),
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

function revealed(named: Named): Named {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, revealHidden(value)]))
}

/** A device may report any text as a time; what is none is shown as it came. */
function formatted(format: Intl.DateTimeFormat, instant: string): string {
  const time = Date.parse(instant)
  return Number.isNaN(time) ? instant : format.format(time)
}
