import { useI18n } from 'vue-i18n'
import type { Problem } from '../../contract/app/problem.ts'
import { revealHidden } from '../model/json-layout.ts'
import { useFormats } from '../stores/formats.ts'

type Named = Pick<Problem, 'fault' | 'values'>

/** What went wrong, in the person's language. A fault that this window has no words for keeps those that it came with. */
export function useProblemWords() {
  const text = useI18n()
  const formats = useFormats()

  function worded({ fault, values = {} }: Named, part: 'meaning' | 'step', english: string): string {
    const key = `fault.${fault ?? ''}.${part}`
    if (fault === undefined || !text.te(key, 'en')) return revealHidden(english)
    const named = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' ? formats.number.format(value) : revealHidden(value),
    ])
    return text.t(key, Object.fromEntries(named) as Record<string, string>)
  }

  const meaningOf = (problem: Problem): string => worded(problem, 'meaning', problem.message)
  const stepOf = (problem: Problem): string => worded(problem, 'step', problem.nextStep ?? '')
  return {
    /** What happened, of a fault that is no problem of its own; `english` is what it says by itself. */
    faultMeaning: (named: Named, english: string): string => worded(named, 'meaning', english),
    meaningOf,
    stepOf,
    sentenceOf: (problem: Problem): string => [meaningOf(problem), stepOf(problem)].filter(Boolean).join(' '),
  }
}
