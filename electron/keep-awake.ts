import type { PowerSaveBlocker } from 'electron'
import type { Desktop } from '../core/ports/desktop.ts'

/** Keeps the machine from going to sleep by itself; its screen may go dark. */
export function createKeepAwake(blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>): Desktop['keepAwake'] {
  let id: number | undefined
  return (isNeeded) => {
    if (isNeeded === (id !== undefined)) return
    if (id === undefined) {
      id = blocker.start('prevent-app-suspension')
    } else {
      blocker.stop(id)
      id = undefined
    }
  }
}
