import type { Language } from '../contract/app/language.ts'
import { AppError } from '../contract/errors.ts'
import { sayError } from '../contract/faults/fault-words.ts'
import { words } from './words.ts'

/** Why the app did not start: there is no window yet that could say it. The text of a bug is for the log alone. */
export function startFailure(error: unknown, language: Language): string {
  const { failed, logged } = words[language].start
  return `${failed} ${error instanceof AppError ? sayError(error, language) : logged}`
}
