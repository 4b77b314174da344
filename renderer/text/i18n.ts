import { createI18n } from 'vue-i18n'
import type { Language } from '../../contract/app/language.ts'
import { en } from './en.ts'
import { ko } from './ko.ts'
import type { Messages } from './messages.ts'

/** What each language calls itself. */
export const languageNames: Readonly<Record<Language, string>> = { en: 'English', ko: '한국어' }

export const messages: Readonly<Record<Language, Messages>> = { en, ko }

export function createText(language: Language) {
  return createI18n({
    legacy: false,
    locale: language,
    fallbackLocale: 'en',
    messages: { en, ko } satisfies typeof messages,
  })
}
