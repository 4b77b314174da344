import { defineStore } from 'pinia'
import { ref } from 'vue'
import { toProblem } from '../model/problem.ts'

/** One short sentence about what just happened, shown in the status strip and read out by screen readers. */
export const useNotices = defineStore('notices', () => {
  const text = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined

  function say(sentence: string): void {
    clearTimeout(timer)
    text.value = sentence
    timer = setTimeout(() => (text.value = ''), 5_000)
  }

  /** For what has no place of its own to show an error: its sentence is said instead of lost. */
  async function attempt(work: Promise<unknown>): Promise<void> {
    try {
      await work
    } catch (error) {
      const { message, nextStep } = toProblem(error)
      say([message, nextStep].filter(Boolean).join(' '))
    }
  }

  return { text, say, attempt }
})
