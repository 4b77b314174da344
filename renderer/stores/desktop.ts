import { defineStore } from 'pinia'
import { watch } from 'vue'
import { useLink } from '../api/client.ts'
import { usePreferences } from './preferences.ts'

/** What the system does on the window's behalf. */
export const useDesktop = defineStore('desktop', () => {
  const { client } = useLink()
  const preferences = usePreferences()

  // Only questions outside of the window depend on it; that the window lost its application is said elsewhere.
  watch(
    () => preferences.language,
    (language) => void client.app.setLanguage({ language }).catch(() => undefined),
    { immediate: true },
  )

  return {
    /** Tells a person who looks elsewhere; resolves with whether they chose to see it. */
    notify: async (title: string, body: string): Promise<boolean> =>
      (await client.app.notify({ title, body })).isChosen,
  }
})
