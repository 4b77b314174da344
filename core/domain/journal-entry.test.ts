import { expect, test } from 'vitest'
import { JournalEntry } from '../../contract/app/journal.ts'
import { ownHub } from '../../contract/app/hub.ts'
import { ActionId, DeviceId, HubId } from '../../contract/app/ids.ts'
import { problemOf } from '../../contract/app/problem.ts'
import { fault } from '../../contract/faults.ts'
import { columns, toCells } from './journal-cells.ts'
import { toEntry } from './journal-entry.ts'
import { JournalRecord, type ActionStarted } from './journal-record.ts'

const at = '2026-03-01T12:00:00.000Z'
const actionId = ActionId.parse('01A')
const deviceIds = Array.from({ length: 30 }, (_, index) => DeviceId.parse(`pump-${index}`))
const hub = { hubId: HubId.parse('plant'), hubName: 'Plant', hostName: 'plant.azure-devices.net' }
const started: ActionStarted = {
  ...{ type: 'action', at, actionId, parameters: { kind: 'reboot' }, ...hub, by: 'mina' },
  ...{ deadlineMs: 60_000, deviceIds },
}
const ofDevice = { type: 'target', at, actionId, deviceId: DeviceId.parse('pump-1') } as const

function detailOf(record: JournalRecord): JournalEntry['detail'] {
  return JournalEntry.parse(toEntry({ number: 1, record }, started)).detail
}

test('an action says how many devices it has, and the first of them', () => {
  expect(detailOf(started)).toEqual({ devices: { count: 30, first: deviceIds.slice(0, 20) } })
  const patch = '{"site":"seoul"}'
  expect(detailOf({ ...started, parameters: { kind: 'tags', patch } })).toMatchObject({ quote: patch })
})

test('an action says by which filter its devices were chosen, in every form of the journal', () => {
  const filtered: ActionStarted = { ...started, query: 'pump "2.4' }
  expect(JournalRecord.parse(filtered)).toEqual(filtered)
  expect(detailOf(filtered)).toMatchObject({ query: 'pump "2.4' })
  const cells = toCells({ number: 1, record: filtered }, filtered)
  expect(cells[columns.indexOf('detail')]).toMatch(/^filter "pump \\"2\.4"; 30: pump-0, /)
})

test('a job is named, with how many devices it asks', () => {
  const job = { type: 'job', at, actionId, jobId: 'nightly', deviceIds: deviceIds.slice(0, 2) } as const
  expect(detailOf(job)).toEqual({ quote: 'nightly', devices: { count: 2, first: deviceIds.slice(0, 2) } })
})

test('what happened to a device keeps its reason and its evidence as facts, not as words', () => {
  const reason = { code: 'no-answer', detail: 'In English.', fault: 'device-late' } as const
  expect(detailOf({ ...ofDevice, name: 'lose', reason })).toEqual({ reason })
  const evidence = { kind: 'boot-id', bootIdBefore: 'a', bootIdAfter: 'b', readAt: at } as const
  expect(detailOf({ ...ofDevice, name: 'succeed', evidence })).toEqual({ evidence })
})

test('of a long answer, and of a long twin, the beginning is shown', () => {
  const long = 'x'.repeat(100_000)
  const evidence = { kind: 'answer', status: 200, payload: long, readAt: at } as const
  expect(detailOf({ ...ofDevice, name: 'succeed', evidence }).evidence).toEqual({
    ...evidence,
    payload: 'x'.repeat(1024),
  })
  const twin = { ...ofDevice, type: 'twin', desired: { long }, tags: {} } as const
  expect(detailOf(twin).quote).toHaveLength(1024)
})

test('a kept twin is JSON, with what is about to be written there', () => {
  const twin = { ...ofDevice, type: 'twin', desired: { a: 1 }, tags: {}, change: { tags: { b: 2 } } } as const
  expect(detailOf(twin).quote).toBe('{"change":{"tags":{"b":2}},"desired":{"a":1},"tags":{}}')
})

test('a decision says its wave, what its rule counted, and its problem', () => {
  const problem = problemOf(fault('hub-key-refused'))
  const decision = { type: 'campaign', at, actionId, name: 'abort', wave: 2 } as const
  expect(detailOf({ ...decision, finished: 10, problem })).toEqual({
    wave: 2,
    stop: { finished: 10, failed: 0 },
    problem,
  })
})

test('a table of records says the same in English, for other programs', () => {
  const reason = { code: 'no-answer', detail: 'It was late.', fault: 'device-late' } as const
  const cells = toCells({ number: 7, record: { ...ofDevice, name: 'lose', reason } }, started)
  expect(cells[columns.indexOf('detail')]).toBe('no-answer: It was late.')
  expect(cells[columns.indexOf('number')]).toBe('7')
  const all = toCells({ number: 1, record: started }, started)
  expect(all[columns.indexOf('detail')]).toMatch(/^30: pump-0, pump-1, .+, pump-19, \.\.\.$/)
})

test('the hubs that the app starts itself are known by their ids', () => {
  const ids = ['local', 'rehearsal-01A', 'locals', 'plant'].map((id) => ownHub(HubId.parse(id)))
  expect(ids).toEqual(['local', 'rehearsal', undefined, undefined])
})
