import type { Desktop } from '../ports/desktop.ts'
import type { ActionService } from './action-service.ts'
import type { ActionStore } from './action-store.ts'

interface StayAwakeParts {
  readonly actions: Pick<ActionService, 'underWay'>
  readonly store: Pick<ActionStore, 'changed'>
  readonly desktop: Pick<Desktop, 'keepAwake'>
}

/**
 * A machine that goes to sleep in the middle of a campaign loses nothing, yet nobody is asked until it wakes: it stays
 * awake by itself while an action goes on, and no longer. Returns how to end that.
 */
export function stayAwake({ actions, store, desktop }: StayAwakeParts): () => Promise<void> {
  const closing = new AbortController()
  const ended = watchActions(closing.signal)
  return async () => {
    closing.abort()
    await ended
  }

  async function watchActions(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      desktop.keepAwake(actions.underWay > 0)
      await store.changed.next(signal)
    }
    desktop.keepAwake(false)
  }
}
