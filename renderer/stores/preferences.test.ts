import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { beforeEach, expect, test } from 'vitest'
import { preferredLanguage } from '../../contract/app/language.ts'
import { usePreferences } from './preferences.ts'

beforeEach(() => {
  localStorage.clear()
})

function reopened(): ReturnType<typeof usePreferences> {
  setActivePinia(createPinia())
  return usePreferences()
}

test('what the person chose is there when the window opens again', async () => {
  const preferences = reopened()
  preferences.theme = 'dark'
  preferences.language = 'ko'
  preferences.columnWidths = { ...preferences.columnWidths, deviceId: 300 }
  preferences.drawerHeightPx = 333
  await nextTick()
  const again = reopened()
  expect([again.theme, again.language, again.drawerHeightPx]).toEqual(['dark', 'ko', 333])
  expect(again.columnWidths.deviceId).toBe(300)
})

test('damaged preferences are as if there were none', () => {
  localStorage.setItem('drover.theme', '"pink"')
  localStorage.setItem('drover.column-widths', '{"deviceId":"wide","firmware":99}')
  localStorage.setItem('drover.drawer-height', '{not json')
  const preferences = reopened()
  expect(preferences.theme).toBe('system')
  expect(preferences.columnWidths.deviceId).toBe(220)
  expect(preferences.columnWidths.firmware).toBe(99)
  expect(preferences.drawerHeightPx).toBe(280)
})

test('the first language is the system’s when there is one of ours, else English', () => {
  expect(preferredLanguage('ko-KR')).toBe('ko')
  expect(preferredLanguage('ko')).toBe('ko')
  expect(preferredLanguage('en-GB')).toBe('en')
  expect(preferredLanguage('kok-IN')).toBe('en')
})
