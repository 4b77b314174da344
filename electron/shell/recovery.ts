import type { BrowserWindow } from 'electron'
import type { Log } from '../../core/ports/log.ts'

interface RecoveryParts {
  readonly log: Log
  /** Milliseconds. */
  readonly now: () => number
  /** Loads the app's page. */
  readonly load: () => Promise<void>
  /** Whether the window is to be opened again although it does not last. */
  readonly mayReopen: () => Promise<boolean>
  readonly quit: () => void
}

/** A page that ended sooner than this after it was opened again will probably do so once more. Milliseconds. */
const shortLifeMs = 60_000

/** Opens the page again when its process has ended; when it does so twice in a short time, only as a person wishes. */
export function reopenAfterCrash(window: BrowserWindow, parts: RecoveryParts): void {
  const { log, now, load, mayReopen, quit } = parts
  let reopenedAt = -Infinity

  async function reopen(): Promise<void> {
    if (now() - reopenedAt < shortLifeMs && !(await mayReopen())) {
      quit()
      return
    }
    reopenedAt = now()
    await load()
  }

  window.webContents.on('render-process-gone', (_event, { reason }) => {
    // That is how a page ends when the window closes.
    if (reason === 'clean-exit') return
    log.warn('page-ended', { reason })
    reopen().catch((error: unknown) => log.bug('reopen-failed', error))
  })
}
