import { randomBytes } from 'node:crypto'
import type { DeviceKeys } from './device-record.ts'

/** Keys that a client left out are generated. */
export function completeKeys({ primary, secondary }: Partial<DeviceKeys>): DeviceKeys {
  return { primary: primary ?? newKey(), secondary: secondary ?? newKey() }
}

export function newEtag(): string {
  return randomBytes(6).toString('base64')
}

function newKey(): string {
  return randomBytes(32).toString('base64')
}
