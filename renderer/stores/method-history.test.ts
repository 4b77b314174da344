import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { beforeEach, expect, test } from 'vitest'
import { noon } from '../testing/values.ts'
import { useMethodHistory } from './method-history.ts'

const used = { methodName: 'getStatus', payload: '{"verbose":true}', usedAt: noon }

function openWindow(): ReturnType<typeof useMethodHistory> {
  setActivePinia(createPinia())
  return useMethodHistory()
}

beforeEach(() => localStorage.clear())

test('what was invoked is known after the window was closed and opened', async () => {
  openWindow().add(used)
  await nextTick()
  expect(openWindow().used).toEqual([used])
})

test('a cleared history leaves nothing on the machine', async () => {
  const history = openWindow()
  history.add(used)
  await nextTick()
  history.clear()
  await nextTick()
  expect(openWindow().used).toEqual([])
  expect(localStorage.getItem('drover.method-history')).toBe('[]')
})

test('a damaged history is an empty one', () => {
  localStorage.setItem('drover.method-history', '{not json')
  expect(openWindow().used).toEqual([])
})
