import { readUpdateLock } from '../contract/device/update-lock.ts'
import type { Ledger } from './ledger.ts'

/** What stops destructive actions: something on the device itself, or a desired property of its twin. */
export interface UpdateLock {
  /** A new connection: what the hub wants is not known until `learn`. */
  forget(): void
  /** The desired properties as they are now; what they say of the lock outlives a restart. */
  learn(desired: unknown): Promise<void>
  /** Why nothing destructive may begin, by all that is known; undefined when it may. */
  known(): Promise<string | undefined>
  /** The same, once the hub has said on this connection what it wants: a method can arrive before that. */
  current(): Promise<string | undefined>
}

export function updateLock(onDevice: () => Promise<string | undefined>, ledger: Ledger): UpdateLock {
  /** Undefined until the hub was heard: then the record counts. */
  let heard: { readonly wanted: string | undefined } | undefined
  let learnt = Promise.withResolvers<undefined>()

  async function known(): Promise<string | undefined> {
    const wanted = heard === undefined ? ledger.state.desiredLock : heard.wanted
    return (await onDevice()) ?? wanted
  }
  return {
    forget() {
      learnt = Promise.withResolvers()
    },
    async learn(desired) {
      const wanted = readUpdateLock(desired)
      // It counts at once, durable or not.
      heard = { wanted }
      await ledger.change((state) => {
        if (state.desiredLock === wanted) return {}
        const { desiredLock: _, ...rest } = state
        return { next: { ...rest, ...(wanted !== undefined && { desiredLock: wanted }) } }
      })
      learnt.resolve(undefined)
    },
    known,
    async current() {
      await learnt.promise
      return known()
    },
  }
}
