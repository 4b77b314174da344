import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { defineComponent, h } from 'vue'
import { expect, test } from 'vitest'
import { createText } from '../text/i18n.ts'
import { useText, type Text } from './use-text.ts'

function said(words: (text: Text) => string): string {
  const Sentence = defineComponent(() => {
    const text = useText()
    return () => h('p', words(text))
  })
  return mount(Sentence, { global: { plugins: [createPinia(), createText('en')] } }).text()
}

test('a name in a sentence cannot turn the sentence around, nor hide a part of itself', () => {
  const hub = '\u202eplant\u200b'
  expect(said(({ t }) => t('jobs.title', { hub }))).toBe('Jobs of \\u202eplant\\u200b')
  expect(said(({ tCount }) => tCount('preflight.title.reboot', 2, { hub }))).toBe(
    'Reboot 2 devices on \\u202eplant\\u200b?',
  )
})

test('what can be seen stays as it is, in every script', () => {
  const name = '한국어 — Zürich 1,200'
  expect(said(({ t }) => t('jobs.title', { hub: name }))).toBe(`Jobs of ${name}`)
})

test('a time that is none is shown as it came', () => {
  expect(said(({ instant }) => instant('yesterday'))).toBe('yesterday')
})

test('times of a day have one shape everywhere', () => {
  const late = '2026-03-01T16:05:09.000Z'
  expect(
    said(({ instant, clock, stamp }) => [instant(late), clock(late), stamp(late)].join(' ')),
  ).not.toMatch(/[AP]M/)
})
