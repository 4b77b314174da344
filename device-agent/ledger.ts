import type { AgentState } from './domain/agent-state.ts'
import type { StateStore } from './ports/state-store.ts'

/** The agent's record in memory and on disk: one change at a time, and nobody sees one before it is durable. */
export interface Ledger {
  readonly state: AgentState
  /** Decides on the current record; a `next` that is given is durable when this resolves with the decision. */
  change<Decision extends { readonly next?: AgentState }>(
    decide: (state: AgentState) => Decision,
  ): Promise<Decision>
  /** Resolves at the next durable change. */
  changed(): Promise<void>
  /** Lets the change under way become durable, and refuses later ones: another start of the agent owns the record. */
  close(): Promise<void>
}

export async function openLedger(store: StateStore): Promise<Ledger> {
  let state = await store.load()
  let isClosed = false
  let queue: Promise<unknown> = Promise.resolve()
  let next = Promise.withResolvers<undefined>()

  async function apply<Decision extends { readonly next?: AgentState }>(
    decide: (state: AgentState) => Decision,
  ): Promise<Decision> {
    if (isClosed) throw new Error('the ledger is closed')
    const decision = decide(state)
    if (decision.next !== undefined && decision.next !== state) {
      await store.save(decision.next)
      state = decision.next
      next.resolve(undefined)
      next = Promise.withResolvers()
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
    changed: () => next.promise,
    async close() {
      await queue
      isClosed = true
    },
  }
}
