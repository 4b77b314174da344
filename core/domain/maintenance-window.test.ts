import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MaintenanceWindow } from '../../contract/app/policy.ts'
import { isTimeZone, WindowOfZone } from './maintenance-window.ts'

const everyDay = [0, 1, 2, 3, 4, 5, 6]

function window(from: string, to: string, days: readonly number[] = everyDay): MaintenanceWindow {
  return { from, to, days: [...days], timeZoneTag: 'site.timeZone', timeZone: 'UTC' }
}

function openingAt(zone: string, one: MaintenanceWindow, at: string): { isOpen: boolean; until: string } {
  const { isOpen, until } = new WindowOfZone(one, zone).at(Date.parse(at))
  return { isOpen, until: new Date(until).toISOString() }
}

describe('a maintenance window', () => {
  const night = window('22:00', '04:00')

  test("is judged by the device's own clock", () => {
    expect(openingAt('Asia/Seoul', night, '2026-11-23T13:00:00Z')).toEqual({
      isOpen: true,
      until: '2026-11-23T19:00:00.000Z',
    })
    expect(openingAt('America/New_York', night, '2026-11-23T13:00:00Z')).toEqual({
      isOpen: false,
      until: '2026-11-24T03:00:00.000Z',
    })
  })

  test('that spans midnight belongs to the day on which it opened', () => {
    const saturdayNight = window('22:00', '04:00', [6])
    // The 28th of November 2026 is a Saturday.
    expect(openingAt('UTC', saturdayNight, '2026-11-29T03:59:00Z').isOpen).toBe(true)
    expect(openingAt('UTC', saturdayNight, '2026-11-28T03:59:00Z')).toEqual({
      isOpen: false,
      until: '2026-11-28T22:00:00.000Z',
    })
    expect(openingAt('UTC', saturdayNight, '2026-11-29T04:00:00Z')).toEqual({
      isOpen: false,
      until: '2026-12-05T22:00:00.000Z',
    })
  })

  test('knows zones that are not a whole hour away', () => {
    expect(openingAt('Asia/Kathmandu', window('12:00', '13:00'), '2026-11-23T06:00:00Z').until).toBe(
      '2026-11-23T06:15:00.000Z',
    )
  })

  test('from a time to the same time is open all day', () => {
    expect(openingAt('UTC', window('00:00', '00:00'), '2026-11-23T06:00:00Z').isOpen).toBe(true)
    expect(openingAt('UTC', window('09:00', '09:00', [1]), '2026-11-24T08:59:00Z')).toEqual({
      isOpen: true,
      until: '2026-11-24T09:00:00.000Z',
    })
  })
})

describe('on the day when clocks go forward', () => {
  // In Berlin 02:00 becomes 03:00 on the 29th of March 2026, at 01:00 UTC.
  test('a window that begins in the missing hour opens after it', () => {
    expect(openingAt('Europe/Berlin', window('02:30', '04:00'), '2026-03-29T00:00:00Z')).toEqual({
      isOpen: false,
      until: '2026-03-29T01:00:00.000Z',
    })
  })

  test('a window that ends in the missing hour closes before it', () => {
    expect(openingAt('Europe/Berlin', window('00:00', '02:30'), '2026-03-29T00:30:00Z')).toEqual({
      isOpen: true,
      until: '2026-03-29T01:00:00.000Z',
    })
  })

  test('a window within the missing hour opens on the next day', () => {
    expect(openingAt('Europe/Berlin', window('02:10', '02:50'), '2026-03-29T00:30:00Z').until).toBe(
      '2026-03-30T00:10:00.000Z',
    )
  })
})

test('on the day when clocks go back, a window in the hour that comes twice opens the first time', () => {
  // In New York 02:00 becomes 01:00 on the 1st of November 2026, at 06:00 UTC.
  expect(openingAt('America/New_York', window('01:10', '01:40'), '2026-11-01T04:00:00Z').until).toBe(
    '2026-11-01T05:10:00.000Z',
  )
  expect(openingAt('America/New_York', window('23:00', '01:30'), '2026-11-01T04:00:00Z')).toEqual({
    isOpen: true,
    until: '2026-11-01T05:30:00.000Z',
  })
})

test('what a window says of a stretch of time is what it says of each moment in it, in every zone', () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
    .map(([hours, minutes]) => `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`)
  const zone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
  )
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 })
  // Away from the weekends on which clocks change.
  const moment = fc.integer({
    min: Date.parse('2026-06-01T00:00:00Z'),
    max: Date.parse('2026-09-01T00:00:00Z'),
  })
  fc.assert(
    fc.property(time, time, fc.tuple(zone, days, moment), (from, to, [timeZone, on, now]) => {
      const one = window(from, to, on)
      const { isOpen, until } = new WindowOfZone(one, timeZone).at(now)
      expect(until).toBeGreaterThan(now)
      const before = new WindowOfZone(one, timeZone).at(until - 1)
      expect(before.isOpen).toBe(isOpen)
      const mostMs = 8 * 86_400_000
      if (until < now + mostMs) expect(new WindowOfZone(one, timeZone).at(until).isOpen).toBe(!isOpen)
    }),
    { numRuns: 200 },
  )
})

test('a name that is no time zone is known as such', () => {
  expect(isTimeZone('Europe/Oslo')).toBe(true)
  expect(isTimeZone('Europe/Nowhere')).toBe(false)
  expect(isTimeZone('')).toBe(false)
})
