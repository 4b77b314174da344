import { enableAutoUnmount } from '@vue/test-utils'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { JournalEntry } from '../../contract/app/journal.ts'
import { problemOf } from '../../contract/app/problem.ts'
import { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
import { useJournal } from '../stores/journal.ts'
import { useNavigation } from '../stores/navigation.ts'
import { fakeApp, type FakeApp } from '../testing/fake-app.ts'
import { button, giveElementsASize, show } from '../testing/mount.ts'
import { actionId, actionSummary, deviceId, localHubId, noon } from '../testing/values.ts'
import JournalView from './JournalView.vue'

enableAutoUnmount(afterEach)
beforeAll(() => giveElementsASize())

let app: FakeApp
const most = 1_000

function entry(number: number): JournalEntry {
  const hub = { hubId: localHubId, hubName: 'Local hub' }
  const known = { at: noon, actionId: actionId('01A'), kind: 'reboot' as const, ...hub }
  return {
    number,
    ...known,
    event: 'sent',
    deviceId: deviceId(`pump-${number}`),
    detail: { quote: `record ${number}` },
  }
}

beforeEach(() => {
  app = fakeApp()
  app.journalLength.push(most)
  app.answers.journal = ({ before = most + 1, limit }) => ({
    total: most,
    entries: Array.from({ length: Math.min(limit, before - 1) }, (_, index) => entry(before - 1 - index)),
  })
})

function row(number: number): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-number="${number}"]`)
}

test('the newest record is on top, and what it says is there as text', async () => {
  const hostile = '<img src=x onerror=alert(1)>\u202e'
  app.answers.journal = () => ({
    total: 1,
    entries: [{ ...entry(1), by: 'mina', detail: { quote: hostile } }],
  })
  show(app, JournalView)
  await expect.poll(() => row(1)?.textContent).toContain('<img src=x onerror=alert(1)>\\u202e')
  expect(row(1)?.textContent).toContain('mina')
  expect(document.querySelector('img')).toBeNull()
})

test('what happened is said in words, and a word that nobody knows is shown as it is', async () => {
  const entries = [
    { ...entry(2), event: 'lose' },
    { ...entry(1), event: 'teleport' },
  ]
  app.answers.journal = () => ({ total: 2, entries })
  show(app, JournalView)
  await expect.poll(() => row(2)?.textContent).toContain('Unknown')
  expect(row(1)?.textContent).toContain('teleport')
})

test('what a record rests on is said in the words of the activity, and a fault in its own', async () => {
  const evidence = { kind: 'boot-id', bootIdBefore: 'a', bootIdAfter: 'b', readAt: noon } as const
  const details: readonly JournalEntry['detail'][] = [
    { evidence },
    { reason: { code: 'no-answer', detail: 'English of a log', fault: 'device-late' } },
    { reason: { code: 'refused', detail: 'not \u202enow' } },
    { quote: '{ "a": 1 }', devices: { count: 21, first: [deviceId('pump-1'), deviceId('\u202e')] } },
    { wave: 2, stop: { finished: 10, failed: 4 } },
    { problem: problemOf(fault('hub-busy')) },
    { query: 'pump \u202e2.4', devices: { count: 1, first: [deviceId('pump-1')] } },
  ]
  const entries = details.map((detail, index) => ({ ...entry(index + 1), detail }))
  app.answers.journal = () => ({ total: entries.length, entries })
  show(app, JournalView)
  await expect.poll(() => row(1)?.textContent).toContain('Boot id a → b')
  expect(row(2)?.textContent).toContain('It may have run. The device did not answer in time.')
  expect(row(2)?.textContent).not.toContain('English of a log')
  expect(row(3)?.textContent).toContain('The device refused. (not \\u202enow)')
  expect(row(4)?.textContent).toContain('{ "a": 1 } · 21 devices: pump-1, \\u202e, …')
  expect(row(5)?.textContent).toContain('Wave 2 · Stopped by its rule: 4 of 10 finished had failed.')
  expect(row(6)?.textContent).toContain('The hub is at its limit for now.')
  expect(row(7)?.textContent).toContain('with the filter “pump \\u202e2.4” · 1 device: pump-1')
})

test('an empty journal says when its first record is written', async () => {
  app.answers.journal = () => ({ total: 0, entries: [] })
  show(app, JournalView)
  await expect.poll(() => document.body.textContent).toContain('The first action writes its first record.')
})

test('older records are read as the end comes near, each page once, until there are none', async () => {
  show(app, JournalView)
  await expect.poll(() => row(most)).not.toBeNull()
  const journal = useJournal()
  for (let page = 0; page < 10; page++) await journal.readMore()
  expect(journal.entries.map(({ number }) => number)).toEqual(
    Array.from({ length: most }, (_, index) => most - index),
  )
  expect(app.asked.pages.map(({ before }) => before)).toEqual([undefined, 801, 601, 401, 201])
})

test('records that are written while one looks are counted, and shown when asked for', async () => {
  show(app, JournalView)
  await expect.poll(() => row(most)).not.toBeNull()
  expect(document.body.textContent).not.toContain('newer')
  app.journalLength.push(most + 3)
  await expect.poll(() => document.body.textContent).toContain('3 newer records')
  button('3 newer records').click()
  await expect.poll(() => document.body.textContent).not.toContain('newer record')
  expect(app.asked.pages.at(-1)?.before).toBeUndefined()
})

test('the records of one device are asked for, and a device without any has an answer', async () => {
  show(app, JournalView)
  await expect.poll(() => row(most)).not.toBeNull()
  app.answers.journal = () => ({ total: 0, entries: [] })
  useJournal().deviceText = ' pump-7 '
  await expect.poll(() => app.asked.pages.at(-1)?.deviceId).toBe('pump-7')
  await expect.poll(() => document.body.textContent).toContain('No record of this device')
})

test('the records of one action are shown until all are asked for again', async () => {
  app.actions.push([actionSummary('01A', { succeeded: 2 })])
  show(app, JournalView)
  useNavigation().showJournal(actionId('01A'))
  await expect.poll(() => app.asked.pages.at(-1)?.actionId).toBe('01A')
  await expect.poll(() => document.body.textContent).toContain('Of one action: Reboot 2 devices')
  document.querySelector<HTMLElement>('.chip')?.click()
  await expect.poll(() => app.asked.pages.at(-1)).not.toHaveProperty('actionId')
})

test('a whole journal says how many records it has, and its head can be copied', async () => {
  app.answers.verify = () => ({ isWhole: true, records: 1_000, head: 'abcdef0123456789' })
  show(app, JournalView)
  button('Verify').click()
  await expect.poll(() => document.body.textContent).toContain('The journal is whole: 1,000 records')
  button('Copy the head').click()
  await expect.poll(() => app.asked.copied).toEqual(['abcdef0123456789'])
})

test('a broken journal names the first record that is wrong', async () => {
  const problem = { code: 'unexpected-answer' as const, message: 'Record 42 was changed.' }
  app.answers.verify = () => ({ isWhole: false, firstWrong: 42, problem })
  show(app, JournalView)
  button('Verify').click()
  await expect
    .poll(() => document.querySelector('[role=alert]')?.textContent)
    .toContain('The chain of the journal breaks at record 42.')
})

test.each(['csv', 'json'] as const)('an export as %s says where it is', async (format) => {
  app.answers.savedAs = () => `journal.${format}`
  show(app, JournalView)
  button(`Export ${format.toUpperCase()}`).click()
  await expect.poll(() => document.body.textContent).toContain(`Exported as journal.${format}`)
  expect(app.asked.exported).toEqual([{ format }])
})

test('an export that was given up says nothing', async () => {
  show(app, JournalView)
  button('Export CSV').click()
  await expect.poll(() => button('Verify').disabled).toBe(false)
  expect(document.body.textContent).not.toContain('Exported')
})

test('a journal that cannot be read says why, and is read again on request', async () => {
  const { journal } = app.answers
  app.answers.journal = () => {
    throw new AppError('internal', 'The journal cannot be read.', { nextStep: 'Free the file.' })
  }
  show(app, JournalView)
  await expect.poll(() => document.body.textContent).toContain('Free the file.')
  app.answers.journal = journal
  button('Try again').click()
  await expect.poll(() => row(most)).not.toBeNull()
})

test('an action opens from its record', async () => {
  app.actions.push([actionSummary('01A', { succeeded: 1 })])
  show(app, JournalView)
  await expect.poll(() => row(most)).not.toBeNull()
  useNavigation().view = 'journal'
  row(most)?.querySelector<HTMLElement>('button')?.click()
  expect(useNavigation().view).toBe('activity')
})
