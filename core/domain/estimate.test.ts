import { describe, expect, test } from 'vitest'
import type { HubTier } from '../../contract/app/hub.ts'
import { ActionKind } from '../../contract/app/parameters.ts'
import type { Policy } from '../../contract/app/policy.ts'
import { estimate, type Estimated } from './estimate.ts'

const base: Estimated = {
  kind: 'reboot',
  tier: { sku: 'S1', units: 1 },
  engine: 'methods',
  policy: undefined,
  devices: 1_000,
  foreign: 0,
  blocks: 1,
}
const policy: Policy = {
  waves: [
    { unit: 'devices', count: 1 },
    { unit: 'percent', percent: 10 },
  ],
  gate: { soakMs: 0, needsApproval: false },
  offline: { mode: 'skip' },
}

describe('the time of a reboot', () => {
  // The floors of the documentation, at the 95 % of them that the app uses.
  test.each<{ devices: number; tier: HubTier; seconds: number; bound: string }>([
    { devices: 1_000, tier: { sku: 'S1', units: 1 }, seconds: 25, bound: 'methods' },
    { devices: 10_000, tier: { sku: 'S1', units: 1 }, seconds: 250, bound: 'methods' },
    { devices: 10_000, tier: { sku: 'S2', units: 10 }, seconds: 200, bound: 'twin-updates' },
    { devices: 1_000_000, tier: { sku: 'S1', units: 10 }, seconds: 20_000, bound: 'twin-updates' },
    { devices: 1_000_000, tier: { sku: 'S3', units: 1 }, seconds: 4_000, bound: 'twin-updates' },
    { devices: 1_000_000, tier: { sku: 'S3', units: 10 }, seconds: 400, bound: 'twin-updates' },
  ])(
    'of $devices devices on $tier.units x $tier.sku is $seconds s and bound by $bound',
    ({ devices, tier, seconds, bound }) => {
      const { durationMs, boundBy } = estimate({ ...base, devices, tier })
      expect(durationMs / 1000).toBeCloseTo(seconds / 0.95, 0)
      expect(boundBy).toBe(bound)
    },
  )

  test('is set by the pace of the policy where that is slower', () => {
    const { durationMs, boundBy } = estimate({ ...base, policy: { ...policy, mostPerMinute: 60 } })
    expect(durationMs).toBe(1_000_000)
    expect(boundBy).toBe('policy')
  })

  test('has the rest between the waves in it', () => {
    const { durationMs, boundBy } = estimate({
      ...base,
      policy: { ...policy, gate: { soakMs: 600_000, needsApproval: false } },
    })
    // One device, then ten waves of at most a hundred.
    expect(durationMs).toBeGreaterThanOrEqual(10 * 600_000)
    expect(boundBy).toBe('policy')
  })

  test('is set by the rate of jobs where a job asks', () => {
    const { durationMs, boundBy } = estimate({ ...base, engine: 'job' })
    expect(durationMs).toBe(100_000)
    expect(boundBy).toBe('jobs')
  })

  test('counts each block of a large payload', () => {
    const { durationMs } = estimate({ ...base, kind: 'method', blocks: 4 })
    expect(durationMs / 1000).toBeCloseTo(100 / 0.95, 0)
  })

  test('is set by the reads where each twin is read before', () => {
    const { boundBy } = estimate({
      ...base,
      foreign: 1_000,
      tier: { sku: 'S2', units: 10 },
      kind: 'factoryReset',
    })
    expect(boundBy).toBe('twin-reads')
  })
})

describe('the messages', () => {
  const perDevice = (more: Partial<Estimated>): number => estimate({ ...base, ...more }).messagesPerDevice

  test('of a reboot are the request, the answer, one report and one look', () => {
    expect(perDevice({})).toBe(4)
    expect(estimate(base).messages).toBe(4_000)
  })

  test('of a device that is not ours are one look more', () => {
    expect(perDevice({ foreign: 1_000 })).toBe(5)
  })

  test('of a method are its request by size, and its answer', () => {
    expect(perDevice({ kind: 'method' })).toBe(2)
    expect(perDevice({ kind: 'method', blocks: 3 })).toBe(4)
  })

  test('of a patch are the patch, and the word of it to the device for desired properties', () => {
    expect(perDevice({ kind: 'tags' })).toBe(1)
    expect(perDevice({ kind: 'desired' })).toBe(2)
    expect(perDevice({ kind: 'restore' })).toBe(3)
  })

  test('of a job are none for following it', () => {
    expect(perDevice({ engine: 'job' })).toBe(3)
  })
})

test('every kind has its cost, and nobody costs nothing', () => {
  for (const kind of ActionKind.options) {
    expect(estimate({ ...base, kind }).messagesPerDevice).toBeGreaterThan(0)
    expect(estimate({ ...base, kind, devices: 0, foreign: 0 })).toMatchObject({
      messages: 0,
      messagesPerDevice: 0,
      durationMs: 0,
    })
  }
})
