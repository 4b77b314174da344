import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { MessageMeter } from './message-meter.ts'

describe('the message meter', () => {
  test('counts started blocks of 4 KB, and at least one for each part', () => {
    const meter = new MessageMeter(new FakeClock(), undefined)
    meter.charge('telemetry', 0)
    meter.charge('telemetry', 4096)
    meter.charge('telemetry', 4097)
    meter.charge('directMethod', 6 * 1024, 1024)
    expect(meter.counts()).toMatchObject({ total: 7, byKind: { telemetry: 4, directMethod: 3, query: 0 } })
  })

  test('counts blocks of half a kilobyte on the free tier', () => {
    const meter = new MessageMeter(new FakeClock(), { name: 'F1', units: 1 })
    meter.charge('twinRead', 512)
    meter.charge('twinRead', 513)
    expect(meter.counts().byKind.twinRead).toBe(3)
    expect([meter.isOneMessage(512), meter.isOneMessage(513)]).toEqual([true, false])
  })

  test('the quota is that of the tier and the units', () => {
    const quotaOf = (units: number) => new MessageMeter(new FakeClock(), { name: 'S1', units }).counts().quota
    expect([quotaOf(1), quotaOf(3)]).toEqual([400_000, 1_200_000])
  })

  test('a hub whose messages of the day are used up refuses with 403002, until midnight UTC', () => {
    const clock = new FakeClock()
    const meter = new MessageMeter(clock, { name: 'F1', units: 1 })
    meter.charge('telemetry', 7_999 * 512)
    meter.assertQuota()
    meter.charge('telemetry', 1)
    expect(() => {
      meter.assertQuota()
    }).toThrow(expect.objectContaining({ status: 403, number: 403002 }))
    clock.advance(24 * 60 * 60 * 1000)
    meter.assertQuota()
    expect(meter.counts()).toMatchObject({ today: 0, total: 8_000 })
  })

  test('without a tier there is no quota', () => {
    const meter = new MessageMeter(new FakeClock(), undefined)
    meter.charge('telemetry', 1e12)
    meter.assertQuota()
    expect(meter.counts().quota).toBeUndefined()
  })
})
