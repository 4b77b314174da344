/** Tells everyone who waits that there is something new; whoever was not waiting looks for himself. */
export interface Bell {
  readonly ring: () => void
  /** Resolves at the next ring. */
  rung(): Promise<void>
}

export function newBell(): Bell {
  let next = Promise.withResolvers<undefined>()
  return {
    ring() {
      next.resolve(undefined)
      next = Promise.withResolvers()
    },
    rung: () => next.promise,
  }
}
