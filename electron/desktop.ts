import type { Clipboard } from 'electron'
import type { Desktop } from '../core/ports/desktop.ts'
import type { Log } from '../core/ports/log.ts'

export function createDesktop(clipboard: Pick<Clipboard, 'writeText'>, log: Log): Desktop {
  return {
    copyText(text) {
      clipboard.writeText(text).catch((error: unknown) => log.bug('copy-failed', error))
    },
  }
}
