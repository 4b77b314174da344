import type { ActionKind } from '../../contract/app/parameters.ts'

/** What one device of an action costs when nothing goes wrong. */
export interface KindCost {
  /** Direct methods from the app. */
  readonly methods: number
  /** Patches of the app, and what the hub then tells the device. */
  readonly updates: number
  readonly notifications: number
  /** Patches of the device, in which it reports. */
  readonly reports: number
  /** Looks at the twin by the app. */
  readonly reads: number
  /** The device loses its connection and makes a new one. */
  readonly restarts: boolean
}

const nothing: KindCost = {
  methods: 0,
  updates: 0,
  notifications: 0,
  reports: 0,
  reads: 0,
  restarts: false,
}

/**
 * Our agent reports once at the end, and asks twice whether to reset; of a firmware update it reports each phase too.
 * A twin is one message.
 */
export const kindCosts: Readonly<Record<ActionKind, KindCost>> = {
  reboot: { ...nothing, methods: 1, reports: 1, reads: 1, restarts: true },
  factoryReset: { ...nothing, methods: 2, reports: 1, reads: 2, restarts: true },
  firmwareUpdate: { ...nothing, methods: 1, reports: 8, reads: 2, restarts: true },
  method: { ...nothing, methods: 1 },
  desired: { ...nothing, updates: 1, notifications: 1 },
  tags: { ...nothing, updates: 1 },
  restore: { ...nothing, updates: 1, notifications: 1, reads: 1 },
}
