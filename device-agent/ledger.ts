import { newBell, type Bell } from './bell.ts'
import type { AgentState } from './domain/agent-state.ts'
import type { StateStore } from './ports/state-store.ts'

/** The agent's record in memory and on disk: one change at a time, and nobody sees one before it is durable. */
export interface Ledger {
  readonly state: AgentState
  /**
   * Decides on the current record; a `next` that is given is durable when this resolves with the decision. Rejects
   * with `NotDurable` when it cannot be written, and with what `decide` throws.
   */
  change<Decision extends { readonly next?: AgentState }>(
    decide: (state: AgentState) => Decision,
  ): Promise<Decision>
  /** Lets the change under way become durable, and refuses later ones: another start of the agent owns the record. */
  close(): Promise<void>
}

/** The record could not be written: the agent must not go on as if it were. */
export class NotDurable extends Error {
  override name = 'NotDurable'
}

/** `bell` rings at each durable change. */
export async function openLedger(store: StateStore, bell: Bell = newBell()): Promise<Ledger> {
  let state = await store.load()
  let isClosed = false
  let queue: Promise<unknown> = Promise.resolve()

  async function apply<Decision extends { readonly next?: AgentState }>(
    decide: (state: AgentState) => Decision,
  ): Promise<Decision> {
    if (isClosed) throw new NotDurable('the ledger is closed')
    const decision = decide(state)
    if (decision.next !== undefined && decision.next !== state) {
      await store.save(decision.next).catch((cause: unknown) => {
        throw new NotDurable(cause instanceof Error ? cause.message : String(cause), { cause })
      })
      state = decision.next
      bell.ring()
    }
    return decision
  }

  return {
    get state() {
      return state
    },
    change(decide) {
      const result = queue.then(() => apply(decide))
      queue = result.catch(() => undefined)
      return result
    },
    async close() {
      await queue
      isClosed = true
    },
  }
}
