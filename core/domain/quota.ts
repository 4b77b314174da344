import type { HubTier } from '../../contract/app/hub.ts'

/** What a hub allows, by its documented quotas. */
export interface Quota {
  /** Direct methods whose payload has at most one block; a larger one counts once for each block. */
  readonly methodsPerSecond: number
  readonly readsPerSecond: number
  readonly updatesPerSecond: number
  readonly connectionsPerSecond: number
  /** Devices that a job works on. */
  readonly jobDevicesPerSecond: number
  /** Jobs that run at the same time. */
  readonly jobsAtOnce: number
  /** Messages as Azure bills them. */
  readonly messagesPerDay: number
}

/** In blocks of so many bytes the hub meters direct methods, and bills messages. */
export const blockBytes = 4096

/** What is assumed of a hub whose tier nobody has named: the smallest that has direct methods. */
export const assumedTier: HubTier = { sku: 'S1', units: 1 }

/**
 * Source: Microsoft Learn, "IoT Hub quotas and throttling". Twin reads and updates, jobs and connections of S1 and S2
 * have a floor for the hub, which more units raise only when there are many.
 */
export function quotaOf({ sku, units }: HubTier): Quota {
  switch (sku) {
    case 'F1':
      return { ...small, messagesPerDay: 8_000 }
    case 'S1':
      return {
        ...small,
        methodsPerSecond: 40 * units,
        connectionsPerSecond: Math.max(100, 12 * units),
        messagesPerDay: 400_000 * units,
      }
    case 'S2':
      return {
        methodsPerSecond: 120 * units,
        readsPerSecond: Math.max(100, 10 * units),
        updatesPerSecond: Math.max(50, 5 * units),
        connectionsPerSecond: 120 * units,
        jobDevicesPerSecond: Math.max(10, units),
        jobsAtOnce: 5,
        messagesPerDay: 6_000_000 * units,
      }
    case 'S3':
      return {
        methodsPerSecond: 6_000 * units,
        readsPerSecond: 500 * units,
        updatesPerSecond: 250 * units,
        connectionsPerSecond: 6_000 * units,
        jobDevicesPerSecond: 50 * units,
        jobsAtOnce: 10,
        messagesPerDay: 300_000_000 * units,
      }
  }
}

const small = {
  methodsPerSecond: 40,
  readsPerSecond: 100,
  updatesPerSecond: 50,
  connectionsPerSecond: 100,
  jobDevicesPerSecond: 10,
  jobsAtOnce: 1,
}

/** How many blocks so many bytes fill: at least one. */
export function blocksOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / blockBytes))
}
