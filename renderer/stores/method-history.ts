import { defineStore } from 'pinia'
import { readHistory, remember, type UsedMethod } from '../model/method-history.ts'
import { remembered } from './remembered.ts'

/** The direct methods that were invoked from this machine, kept on it. */
export const useMethodHistory = defineStore('method-history', () => {
  const used = remembered<readonly UsedMethod[]>('method-history', [], readHistory)
  return {
    used,
    add: (method: UsedMethod) => (used.value = remember(used.value, method)),
    clear: () => (used.value = []),
  }
})
