import { expect, test } from 'vitest'
import { createText } from '../text/i18n.ts'
import { durationWords, roughDuration } from './duration-words.ts'
import type { Text } from './use-text.ts'

const { t } = createText('en').global
const text = { t: (key: string, named = {}) => t(key, named), number: String } as unknown as Text

test.each([
  [250, '250 ms'],
  [3_210, '3.2 s'],
  [125_000, '2 min 5 s'],
  [3_600_000, '1 h 0 min'],
  [200_000_000, '2 d 8 h'],
])('%d ms measured are %s', (durationMs, words) => {
  expect(durationWords(durationMs, text)).toBe(words)
})

test.each([
  [0, '1 s'],
  [12_001, '13 s'],
  [60_000, '1 min'],
  [3_599_900, '60 min'],
  [5_400_000, '1 h 30 min'],
  [7_200_000, '2 h'],
  [172_800_000, '2 d'],
])('%d ms estimated are %s', (durationMs, words) => {
  expect(roughDuration(durationMs, text)).toBe(words)
})
