import { shortText } from './domain/short-text.ts'

/** The message of an error, short enough for a report. */
export function messageOf(error: unknown): string {
  return shortText(error instanceof Error ? error.message : String(error), 258)
}
