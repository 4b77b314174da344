import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AppError } from '../../contract/errors.ts'
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
  expect(notices.text).toBe('Copied')
  vi.advanceTimersByTime(1)
  expect(notices.text).toBe('')
})

test('a later sentence has its own five seconds', () => {
  const notices = useNotices()
  notices.say('First')
  vi.advanceTimersByTime(4_000)
  notices.say('Second')
  vi.advanceTimersByTime(4_000)
  expect(notices.text).toBe('Second')
})

test('what fails without a place of its own is said, with the next step', async () => {
  const notices = useNotices()
  const error = new AppError('not-found', 'There is no such hub.', { nextStep: 'Choose another hub.' })
  await notices.attempt(Promise.reject(error))
  expect(notices.text).toBe('There is no such hub. Choose another hub.')
})

test('what succeeds says nothing by itself', async () => {
  const notices = useNotices()
  await notices.attempt(Promise.resolve())
  expect(notices.text).toBe('')
})
