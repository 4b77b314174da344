import { z } from 'zod'

/** The languages that Drover speaks, by their BCP 47 codes. */
export const languages = ['en', 'ko'] as const
export const Language = z.enum(languages)
export type Language = z.infer<typeof Language>

/** The best of our languages for what the system prefers. */
export function preferredLanguage(systemLanguage: string): Language {
  return languages.find((language) => systemLanguage.toLowerCase().split('-')[0] === language) ?? 'en'
}
