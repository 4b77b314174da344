import type { FaultEffect } from './fault-plan.ts'

/** What a client asked for over a connection that stays, and how it can go wrong. */
export interface FaultyWork {
  execute(): void
  /** Says no, in the words that the protocol has for it. */
  refuse(status: number): void
  later(delayMs: number, work: () => void): void
}

/** A connection, as far as a fault is concerned. */
export interface FaultyStream {
  /** Drops what would be sent from now on. */
  mute(): void
  /** Ends the connection without a word. */
  tearDown(): void
}

/** Does what a client asked for, unless the plan of faults has something else in mind. */
export function meetFault(effect: FaultEffect | undefined, work: FaultyWork, stream: FaultyStream): void {
  switch (effect?.kind) {
    case 'status':
      return work.refuse(effect.status)
    case 'silence':
      return
    case 'reset':
      return stream.tearDown()
    case 'lostResponse':
      stream.mute()
      work.execute()
      return stream.tearDown()
    case 'slow':
      return work.later(effect.delayMs, () => {
        work.execute()
      })
    // The last two are for requests over HTTPS; no plan has them for anything else.
    case undefined:
    case 'captivePortal':
    case 'wrongClock':
      return work.execute()
  }
}
