import { randomBytes } from 'node:crypto'
import type { Credentials, DeviceKeys, DeviceRecord } from './device-record.ts'

/** What a client says about credentials: keys that it left out are generated. */
export type NewCredentials =
  Exclude<Credentials, { type: 'sas' }> | { readonly type: 'sas'; readonly keys: Partial<DeviceKeys> }

export function completeCredentials(wanted: NewCredentials = { type: 'sas', keys: {} }): Credentials {
  if (wanted.type !== 'sas') return wanted
  const { primary = newKey(), secondary = newKey() } = wanted.keys
  return { type: 'sas', keys: { primary, secondary } }
}

/** The keys of an identity that has some. */
export function keysOf({ credentials }: Pick<DeviceRecord, 'credentials'>): DeviceKeys | undefined {
  return credentials.type === 'sas' ? credentials.keys : undefined
}

export function newEtag(): string {
  return randomBytes(6).toString('base64')
}

function newKey(): string {
  return randomBytes(32).toString('base64')
}
