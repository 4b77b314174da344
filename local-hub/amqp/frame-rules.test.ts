import { describe, expect, test } from 'vitest'
import { checkBegin, checkDisposition, checkFlow, checkOpen } from './frame-rules.ts'
import type { FlowFields, OpenFields } from './frame-rules.ts'
import { FrameError } from './frame-watch.ts'

const noNumbers = [-1, 1.5, NaN, 2 ** 32, 'twelve', true, [1], {}]

describe('open', () => {
  test.each<OpenFields>([
    {},
    { max_frame_size: 512, idle_time_out: 1000 },
    { max_frame_size: 0xffff_ffff, idle_time_out: 0 },
    { max_frame_size: null, idle_time_out: null },
  ])('takes %j', (fields) => {
    checkOpen(fields)
  })

  test.each<OpenFields>([
    { max_frame_size: 0 },
    { max_frame_size: 20 },
    { max_frame_size: 511 },
    { idle_time_out: 1 },
    { idle_time_out: 999 },
    ...noNumbers.flatMap((value) => [{ max_frame_size: value }, { idle_time_out: value }]),
  ])('refuses %j', (fields) => {
    expect(() => {
      checkOpen(fields)
    }).toThrow(FrameError)
  })

  test('takes an idle time that no timer can wait for as none', () => {
    const fields = { idle_time_out: 0xffff_ffff }
    checkOpen(fields)
    expect(fields.idle_time_out).toBeUndefined()
  })
})

describe('begin', () => {
  const windows = { next_outgoing_id: 0, incoming_window: 2048, outgoing_window: 0xffff_ffff }

  test('needs its numbers, and answers nothing that the hub began', () => {
    checkBegin(windows)
    expect(() => {
      checkBegin({ ...windows, remote_channel: 0 })
    }).toThrow('has begun no session')
    for (const name of Object.keys(windows)) {
      for (const value of [...noNumbers, undefined, null]) {
        expect(() => {
          checkBegin({ ...windows, [name]: value })
        }).toThrow(`The field ${name.replaceAll('_', '-')}`)
      }
    }
  })
})

describe('flow', () => {
  const windows = { next_incoming_id: 1, incoming_window: 100, next_outgoing_id: 1, outgoing_window: 100 }
  const sender = { delivery_count: 10, is_sender: () => true }

  /** What rhea makes of it: the count of the receiver and its credit, less the sender's own count. */
  function creditAfter(fields: FlowFields): number {
    checkFlow(fields, sender)
    return Number(fields.delivery_count) + Number(fields.link_credit) - sender.delivery_count
  }

  test.each([
    [{ delivery_count: 10, link_credit: 5 }, 5],
    [{ delivery_count: 8, link_credit: 5 }, 3],
    [{ delivery_count: 8, link_credit: 2 }, 0],
    [{ delivery_count: 0, link_credit: 0 }, 0],
    [{ link_credit: 12 }, 2],
    [{}, 0],
    [{ delivery_count: 0xffff_ffff, link_credit: 0xffff_ffff }, 1_000_000],
    [{ delivery_count: 0, link_credit: 0xffff_ffff }, 1_000_000],
  ])('%j gives a credit of %i, which can be counted down', (fields, credit) => {
    expect(creditAfter({ ...windows, ...fields })).toBe(credit)
  })

  test('of a client that sends takes no credit back, and gives itself none', () => {
    const fields = { ...windows, link_credit: 1000, drain: true }
    checkFlow(fields, { delivery_count: 0, is_sender: () => false })
    expect(fields.drain).toBe(false)
  })

  test.each([
    'next_incoming_id',
    'incoming_window',
    'next_outgoing_id',
    'outgoing_window',
    'delivery_count',
    'link_credit',
  ])('is refused when %s is no number', (name) => {
    for (const value of noNumbers) {
      expect(() => {
        checkFlow({ ...windows, [name]: value }, sender)
      }).toThrow(FrameError)
    }
  })
})

describe('disposition', () => {
  test('is for some deliveries, not for billions', () => {
    checkDisposition({ first: 5 })
    checkDisposition({ first: 5, last: 10_005 })
    expect(() => {
      checkDisposition({ first: 0, last: 0xffff_ffff })
    }).toThrow('too many')
    for (const value of noNumbers) {
      expect(() => {
        checkDisposition({ first: value })
      }).toThrow(FrameError)
      expect(() => {
        checkDisposition({ first: 0, last: value })
      }).toThrow(FrameError)
    }
  })
})
