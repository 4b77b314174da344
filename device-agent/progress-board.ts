import type { Bell } from './bell.ts'
import type { JsonObject } from './domain/agent-state.ts'

/** What running actions say of their progress: kept in memory only, the latest of each action. */
export interface ProgressBoard {
  show(actionId: string, fields: JsonObject): void
  of(actionId: string): JsonObject | undefined
  clear(actionId: string): void
}

export function newProgressBoard(bell: Bell): ProgressBoard {
  const shown = new Map<string, JsonObject>()
  return {
    show(actionId, fields) {
      shown.set(actionId, fields)
      bell.ring()
    },
    of: (actionId) => shown.get(actionId),
    clear(actionId) {
      shown.delete(actionId)
    },
  }
}
