import type { Language } from '../app/language.ts'
import { filled, faults, type FaultId } from '../faults.ts'
import type { AppError } from '../errors.ts'
import { koreanFaults } from './korean-faults.ts'

/** What happened, and what to do next. */
export interface FaultWords {
  readonly meaning: string
  readonly step: string
}

const english = Object.fromEntries(
  Object.entries(faults).map(([id, { meaning, step }]) => [id, { meaning, step }]),
) as Record<FaultId, FaultWords>

/** The words of each fault in each language; `{name}` is where a value goes. */
export const faultWords: Readonly<Record<Language, Readonly<Record<FaultId, FaultWords>>>> = {
  en: english,
  ko: koreanFaults,
}

/** What an error says in a language; what is no fault says it in its own words. */
export function sayError(
  { message, nextStep = '', fault, values = {} }: AppError,
  language: Language,
): string {
  const named: Readonly<Record<string, FaultWords>> = faultWords[language]
  const words = named[fault ?? ''] ?? { meaning: message, step: nextStep }
  return [words.meaning, words.step]
    .filter(Boolean)
    .map((part) => filled(part, values))
    .join(' ')
}
