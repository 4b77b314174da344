import { emptyState, type AgentState } from '../domain/agent-state.ts'
import type { StateStore } from '../ports/state-store.ts'

/** The record of a simulated device that lives as long as its process. */
export function memoryStore(): StateStore {
  let state: AgentState = emptyState
  return {
    load: () => Promise.resolve(state),
    save(next) {
      state = next
      return Promise.resolve()
    },
  }
}
