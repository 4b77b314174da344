import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { toProblem, type ShownProblem } from '../model/problem.ts'

/** One short sentence about what just happened, shown in the status strip and read out by screen readers. */
export const useNotices = defineStore('notices', () => {
  /** A sentence, or an error that is yet to be put into words. */
  const said = shallowRef<string | ShownProblem>('')
  let timer: ReturnType<typeof setTimeout> | undefined

  function say(what: string | ShownProblem): void {
    clearTimeout(timer)
    said.value = what
    timer = setTimeout(() => (said.value = ''), 5_000)
  }

  /** For what has no place of its own to show an error: it is said instead of lost. */
  async function attempt(work: Promise<unknown>): Promise<void> {
    try {
      await work
    } catch (error) {
      say(toProblem(error))
    }
  }

  return { said, say, attempt }
})
