import type { AgentState } from '../domain/agent-state.ts'

/** Where the agent's record survives a power cut. */
export interface StateStore {
  load(): Promise<AgentState>
  /** Resolves when the record is durable. */
  save(state: AgentState): Promise<void>
}
