import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fault } from '../../contract/faults.ts'
import { useNotices } from './notices.ts'

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.useRealTimers()
})

test('a sentence goes away after five seconds', () => {
  const notices = useNotices()
  notices.say('Copied')
  vi.advanceTimersByTime(4_999)
  expect(notices.said).toBe('Copied')
  vi.advanceTimersByTime(1)
  expect(notices.said).toBe('')
})

test('a later sentence has its own five seconds', () => {
  const notices = useNotices()
  notices.say('First')
  vi.advanceTimersByTime(4_000)
  notices.say('Second')
  vi.advanceTimersByTime(4_000)
  expect(notices.said).toBe('Second')
})

test('what fails without a place of its own is said, with the next step', async () => {
  const notices = useNotices()
  await notices.attempt(Promise.reject(fault('hub-unknown')))
  expect(notices.said).toMatchObject({ fault: 'hub-unknown', nextStep: 'Choose another hub.' })
})

test('what succeeds says nothing by itself', async () => {
  const notices = useNotices()
  await notices.attempt(Promise.resolve())
  expect(notices.said).toBe('')
})
