import { expect, test } from 'vitest'
import type { HubTier } from '../../contract/app/hub.ts'
import { blocksOf, quotaOf } from './quota.ts'

const rates = (sku: HubTier['sku'], units: number): readonly number[] => {
  const quota = quotaOf({ sku, units })
  return [
    quota.methodsPerSecond,
    quota.readsPerSecond,
    quota.updatesPerSecond,
    quota.connectionsPerSecond,
    quota.jobDevicesPerSecond,
    quota.messagesPerDay,
  ]
}

test.each<[HubTier['sku'], number, readonly number[]]>([
  ['F1', 1, [40, 100, 50, 100, 10, 8_000]],
  ['S1', 1, [40, 100, 50, 100, 10, 400_000]],
  // More units of S1 bring methods and messages, and no twin reads or updates.
  ['S1', 10, [400, 100, 50, 120, 10, 4_000_000]],
  ['S2', 1, [120, 100, 50, 120, 10, 6_000_000]],
  ['S2', 10, [1_200, 100, 50, 1_200, 10, 60_000_000]],
  ['S2', 20, [2_400, 200, 100, 2_400, 20, 120_000_000]],
  ['S3', 1, [6_000, 500, 250, 6_000, 50, 300_000_000]],
  ['S3', 10, [60_000, 5_000, 2_500, 60_000, 500, 3_000_000_000]],
])('%s with %i units allows what the documentation says', (sku, units, expected) => {
  expect(rates(sku, units)).toEqual(expected)
})

test('a payload counts for each 4 KB that it begins', () => {
  expect([0, 1, 4_096, 4_097, 131_072].map(blocksOf)).toEqual([1, 1, 1, 2, 32])
})
