import { expect, test } from 'vitest'
import { languages } from '../contract/app/language.ts'
import { AppError } from '../contract/errors.ts'
import { fault } from '../contract/faults.ts'
import { startFailure } from './start-failure.ts'
import { words } from './words.ts'

test('why the app did not start is said in the language of the system', () => {
  const changed = fault('journal-changed', { number: 7 })
  expect(startFailure(changed, 'en')).toBe(
    `Drover could not start. ${changed.message} ${changed.nextStep ?? ''}`,
  )
  expect(startFailure(changed, 'ko')).toMatch(/^Drover를 시작하지 못했습니다\. .*7번/)
  expect(startFailure(changed, 'ko')).not.toContain('{')
})

test('an error that is no fault keeps its own words', () => {
  const own = new AppError('internal', 'No room.', { nextStep: 'Make some.' })
  expect(startFailure(own, 'ko')).toBe('Drover를 시작하지 못했습니다. No room. Make some.')
})

test('the text of a bug is for the log alone', () => {
  for (const language of languages)
    expect(startFailure(new Error('C:\\secret'), language)).not.toContain('secret')
})

test('every language says what the system says, in its own script', () => {
  const said = JSON.stringify(words.ko)
  expect(Object.keys(words.ko)).toEqual(Object.keys(words.en))
  for (const text of Object.values(words.ko.start)) expect(text).toMatch(/\p{Script=Hangul}/u)
  expect(said).not.toContain(words.en.start.logged)
})
