import { defineStore } from 'pinia'
import { computed } from 'vue'
import { usePreferences } from './preferences.ts'

/** How the person's language writes numbers and times. Shared, because making a format is slow and rows are many. */
export const useFormats = defineStore('formats', () => {
  const preferences = usePreferences()
  return {
    number: computed(() => new Intl.NumberFormat(preferences.language)),
    instant: computed(
      () => new Intl.DateTimeFormat(preferences.language, { dateStyle: 'medium', timeStyle: 'long' }),
    ),
    clock: computed(() => new Intl.DateTimeFormat(preferences.language, { timeStyle: 'medium' })),
    age: computed(
      () => new Intl.RelativeTimeFormat(preferences.language, { numeric: 'always', style: 'narrow' }),
    ),
  }
})
