import { describe, expect, test } from 'vitest'
import { ActionId, DeviceId, HubId } from '../../contract/app/ids.ts'
import { writeCsvRow } from '../adapters/csv.ts'
import type { JournalRecord } from '../domain/journal-record.ts'
import { FakeDesktop } from '../testing/fake-desktop.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { FakeJournal } from '../testing/fakes.ts'
import { ActionStore } from './action-store.ts'
import { JournalService } from './journal-service.ts'

const at = '2026-11-23T10:00:00.000Z'
const first = ActionId.parse('action-1')
const second = ActionId.parse('action-2')
const pump = DeviceId.parse('pump-1')
const hostile = DeviceId.parse('=cmd|calc')

function started(actionId: ActionId, hub: string, methodName: string): JournalRecord {
  return {
    type: 'action',
    at,
    actionId,
    parameters: { kind: 'method', methodName, payload: '{"a":1}', responseTimeoutMs: 30_000 },
    hubId: HubId.parse(hub),
    hubName: `${hub} hub`,
    hostName: `${hub}.example`,
    by: 'kim',
    deadlineMs: 60_000,
    deviceIds: [pump, hostile],
  }
}

const records: readonly JournalRecord[] = [
  started(first, 'one', 'open'),
  { type: 'target', at, actionId: first, deviceId: pump, name: 'send' },
  {
    type: 'target',
    at,
    actionId: first,
    deviceId: pump,
    name: 'succeed',
    evidence: { kind: 'answer', status: 200, payload: '"ok"', readAt: at },
  },
  started(second, 'two', 'close'),
  {
    type: 'target',
    at,
    actionId: second,
    deviceId: hostile,
    name: 'fail',
    reason: { code: 'refused', detail: '+1-800' },
  },
  { type: 'campaign', at, actionId: second, name: 'abort', finished: 3, failed: 2 },
]

async function open(more: readonly JournalRecord[] = []) {
  const journal = new FakeJournal([...records, ...more])
  const clock = new FakeClock()
  const store = await ActionStore.open(journal, clock)
  const desktop = new FakeDesktop()
  return {
    service: new JournalService({ journal, store, desktop, clock, writeCsvRow }),
    journal,
    store,
    desktop,
  }
}

describe('a page of the journal', () => {
  test('has the newest records first, each with what it says', async () => {
    const { service, journal } = await open()
    const { entries, total } = await service.page({ limit: 100 })
    expect(total).toBe(journal.length)
    const devices = { count: 2, first: ['pump-1', hostile] }
    expect(entries.slice(-6).map(({ number, event, detail }) => [number, event, detail])).toMatchObject([
      [6, 'abort', { stop: { finished: 3, failed: 2 } }],
      [5, 'fail', { reason: { code: 'refused', detail: '+1-800' } }],
      [4, 'action', { quote: 'close {"a":1}', devices }],
      [3, 'succeed', { evidence: { kind: 'answer', status: 200, payload: '"ok"' } }],
      [2, 'send', {}],
      [1, 'action', { quote: 'open {"a":1}', devices }],
    ])
  })

  test('names who started an action, on which hub, and which device a record is about', async () => {
    const { service } = await open()
    const { entries } = await service.page({ limit: 100, actionId: first })
    expect(entries.at(-1)).toMatchObject({ by: 'kim', hubName: 'one hub', kind: 'method' })
    expect(entries.at(-2)).toMatchObject({ deviceId: 'pump-1', event: 'send' })
    expect(entries.every(({ actionId }) => actionId === first)).toBe(true)
  })

  test('goes on before the last one that was shown', async () => {
    const { service } = await open()
    const { entries } = await service.page({ limit: 2, before: 6 })
    expect(entries.map(({ number }) => number)).toEqual([5, 4])
  })

  test('can be of one hub, or of one device', async () => {
    const { service } = await open()
    const ofHub = await service.page({ limit: 100, hubId: HubId.parse('two') })
    expect(new Set(ofHub.entries.map(({ hubName }) => hubName))).toEqual(new Set(['two hub']))
    const ofDevice = await service.page({ limit: 100, deviceId: hostile, before: 7 })
    expect(ofDevice.entries.map(({ number }) => number)).toEqual([5])
  })
})

async function told(lengths: AsyncGenerator<number>): Promise<number> {
  const next = await lengths.next()
  return next.done ? 0 : next.value
}

describe('the length of the journal', () => {
  test('is told again after each record', async () => {
    const { service, journal, store } = await open()
    const lengths = service.length(new AbortController().signal)
    const before = await told(lengths)
    expect(before).toBe(journal.length)
    const next = told(lengths)
    await store.record(second, pump, { name: 'cancel' }).catch(() => undefined)
    await journal.append({ type: 'target', at, actionId: first, deviceId: pump, name: 'send' })
    store.changed.notify()
    expect(await next).toBeGreaterThan(before)
  })
})

describe('verifying', () => {
  test('passes on that the chain is whole', async () => {
    const { service } = await open()
    expect(await service.verify()).toMatchObject({ isWhole: true })
  })

  test('names the record that was changed, and says what to do', async () => {
    const { service, journal } = await open()
    journal.verify = () => Promise.resolve({ isWhole: false, firstWrong: 3 })
    const check = await service.verify()
    expect(check).toMatchObject({ isWhole: false, firstWrong: 3 })
    expect(JSON.stringify(check)).toContain('Keep a copy')
  })
})

describe('the export', () => {
  test('has every record with all of it as CSV, and no formula', async () => {
    const { service, desktop } = await open()
    expect(await service.export({ format: 'csv' })).toEqual({
      isSaved: true,
      fileName: 'drover-journal-2026-11-23.csv',
    })
    const text = desktop.saved.get('drover-journal-2026-11-23.csv') ?? ''
    const rows = text.split('\r\n')
    expect(rows[0]).toBe(
      '\uFEFF"number","at","event","action id","kind","hub","by","device id","detail","record"',
    )
    expect(rows[5]).toContain(`"'=cmd|calc"`)
    expect(rows[5]).toContain('"refused: +1-800"')
    expect(rows.length).toBeGreaterThan(records.length)
  })

  test('is one JSON value with the records as they are', async () => {
    const { service, desktop } = await open()
    await service.export({ format: 'json', actionId: first })
    const { records: read } = JSON.parse([...desktop.saved.values()][0] ?? '') as { records: unknown[] }
    expect(read.slice(0, 3)).toEqual(
      records.slice(0, 3).map((record, index) => ({ number: index + 1, ...record })),
    )
  })

  test('ends with who did not come back, as it is known now, in both formats', async () => {
    const third = ActionId.parse('action-3')
    const changed = { type: 'target', at, actionId: third } as const
    const lost = { name: 'lose', reason: { code: 'did-not-return' } } as const
    const { service, desktop } = await open([
      { ...started(third, 'one', 'x'), parameters: { kind: 'factoryReset' } } as JournalRecord,
      ...[pump, hostile].flatMap((deviceId): JournalRecord[] => [
        { ...changed, deviceId, name: 'send' },
        { ...changed, deviceId, name: 'accept' },
        { ...changed, deviceId, ...lost },
      ]),
      { ...changed, deviceId: pump, name: 'fail', reason: { code: 'device-failed' } },
    ])
    const dueAt = '2026-11-23T10:01:00.000Z'
    await service.export({ format: 'json', actionId: third })
    const [text = ''] = desktop.saved.values()
    expect(JSON.parse(text)).toMatchObject({ notReturned: [{ actionId: third, deviceId: hostile, dueAt }] })
    await service.export({ format: 'csv', actionId: third })
    const lines = [...desktop.saved.values()][1]?.trimEnd().split('\r\n') ?? []
    expect(lines.at(-1)).toContain(`"not returned","action-3","factoryReset"`)
    expect(lines.at(-1)).toContain(`"'=cmd|calc"`)
  })

  test('is not made when the person changes their mind', async () => {
    const { service, desktop } = await open()
    desktop.savesFiles = false
    expect(await service.export({ format: 'csv' })).toEqual({ isSaved: false })
  })
})
