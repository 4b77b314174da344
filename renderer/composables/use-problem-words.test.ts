import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { defineComponent, h } from 'vue'
import { expect, test } from 'vitest'
import type { Language } from '../../contract/app/language.ts'
import { problemOf, type Problem } from '../../contract/app/problem.ts'
import { fault } from '../../contract/faults.ts'
import { createText } from '../text/i18n.ts'
import { useProblemWords } from './use-problem-words.ts'

function said(problem: Problem, language: Language): string {
  const Sentence = defineComponent(() => {
    const { sentenceOf } = useProblemWords()
    return () => h('p', sentenceOf(problem))
  })
  return mount(Sentence, { global: { plugins: [createPinia(), createText(language)] } }).text()
}

test('an error of the main process is said in the language of the window', () => {
  const problem = problemOf(fault('hub-key-refused'))
  expect(said(problem, 'en')).toBe(`${problem.message} ${problem.nextStep ?? ''}`)
  expect(said(problem, 'ko')).toMatch(/^허브가 이 키를 받아들이지 않습니다\. 정책의/)
})

test('its values stand where that language has them, and numbers are grouped', () => {
  const problem = problemOf(fault('too-many-devices', { devices: 12_000, most: 10 }))
  expect(said(problem, 'ko')).toContain('장치 12,000개는 한 번에 허용되는 10개보다')
})

test('a value from outside is text, whatever it looks like', () => {
  const problem = problemOf(fault('hub-not-understood', { detail: '@:app.lost {x} | <b>' }))
  expect(said(problem, 'ko')).toContain('@:app.lost {x} | <b>')
  const turned = problemOf(fault('hub-not-understood', { detail: '\u202eno' }))
  expect(said(turned, 'en')).toContain('\\u202eno')
})

test('what was written down before it had a name keeps its own words', () => {
  const old = { code: 'unauthorized', message: 'Wrong key.', nextStep: 'Renew it.' } as const
  expect(said(old, 'ko')).toBe('Wrong key. Renew it.')
  expect(said({ ...old, fault: 'a-newer-one' }, 'ko')).toBe('Wrong key. Renew it.')
})
