import { defineStore } from 'pinia'
import { useLink } from '../api/client.ts'

/** The system's clipboard; the page itself has no permission for it. */
export const useClipboard = defineStore('clipboard', () => {
  const { client } = useLink()
  return { copy: (text: string) => client.app.copyText({ text }) }
})
