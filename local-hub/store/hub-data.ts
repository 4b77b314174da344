import { inMemoryOnly } from '../hub/durability.ts'
import type { Durability } from '../hub/durability.ts'
import { newIdentity } from './hub-identity.ts'
import type { HubIdentity } from './hub-identity.ts'
import type { KeptParts } from './keep-hub.ts'

/** Where a hub is known from, and where it keeps what it is told. */
export interface HubData {
  readonly identity: HubIdentity
  readonly durability: Durability
  /** Brings back what was kept, and from then on keeps every change. */
  keep(parts: KeptParts): void
  /** The folder is free when this resolves. */
  close(): Promise<void>
}

/** A hub that forgets. Throws RangeError. */
export async function dataInMemory(hostName: string | undefined): Promise<HubData> {
  return {
    identity: await newIdentity(hostName),
    durability: inMemoryOnly,
    keep: () => undefined,
    close: () => Promise.resolve(),
  }
}
