import { desiredLock } from './domain/update-lock.ts'

/** What stops destructive actions: something on the device itself, or a desired property of its twin. */
export interface UpdateLock {
  /** A new connection: what the hub wants is not known until `learn`. */
  forget(): void
  /** The desired properties as they are now. */
  learn(desired: unknown): void
  /** Why nothing destructive may begin, by all that is known; undefined when it may. */
  known(): Promise<string | undefined>
  /** The same, once the hub has said on this connection what it wants: a method can arrive before that. */
  current(): Promise<string | undefined>
}

export function updateLock(onDevice: () => Promise<string | undefined>): UpdateLock {
  let wanted: string | undefined
  let learnt = Promise.withResolvers<undefined>()

  async function known(): Promise<string | undefined> {
    return (await onDevice()) ?? wanted
  }
  return {
    forget() {
      learnt = Promise.withResolvers()
    },
    learn(desired) {
      wanted = desiredLock(desired)
      learnt.resolve(undefined)
    },
    known,
    async current() {
      await learnt.promise
      return known()
    },
  }
}
