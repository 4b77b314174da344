import { defineStore } from 'pinia'
import { computed } from 'vue'
import { usePreferences } from './preferences.ts'

/** How the person's language writes numbers and times. Shared, because making a format is slow and rows are many. */
export const useFormats = defineStore('formats', () => {
  const preferences = usePreferences()
  const weekdays = computed(
    () => new Intl.DateTimeFormat(preferences.language, { weekday: 'short', timeZone: 'UTC' }),
  )
  return {
    /** The short name of a day of the week, 0 is Sunday. */
    weekday: (day: number): string => weekdays.value.format(Date.UTC(2026, 1, 1 + day)),
    number: computed(() => new Intl.NumberFormat(preferences.language)),
    instant: computed(
      () =>
        new Intl.DateTimeFormat(preferences.language, {
          dateStyle: 'medium',
          timeStyle: 'long',
          hourCycle: 'h23',
        }),
    ),
    /** A time of a day that is near, without the year. */
    moment: computed(
      () =>
        new Intl.DateTimeFormat(preferences.language, {
          month: 'short',
          day: 'numeric',
          hour: '2-digit',
          minute: '2-digit',
          hourCycle: 'h23',
        }),
    ),
    /** Date and time to the second, without the zone: for a column of times. */
    stamp: computed(
      () =>
        new Intl.DateTimeFormat(preferences.language, {
          year: 'numeric',
          month: '2-digit',
          day: '2-digit',
          hour: '2-digit',
          minute: '2-digit',
          second: '2-digit',
          hourCycle: 'h23',
        }),
    ),
    percent: computed(
      () => new Intl.NumberFormat(preferences.language, { style: 'percent', maximumFractionDigits: 1 }),
    ),
    clock: computed(
      () => new Intl.DateTimeFormat(preferences.language, { timeStyle: 'medium', hourCycle: 'h23' }),
    ),
    age: computed(
      () => new Intl.RelativeTimeFormat(preferences.language, { numeric: 'always', style: 'narrow' }),
    ),
  }
})
