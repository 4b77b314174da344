import type { App } from 'electron'
import type { Application } from '../core/application.ts'
import type { Log } from '../core/ports/log.ts'

/** Long enough to end the local hub; what a longer one would save is in the journal already. */
const closeMs = 8_000

/** Closes the application before the app ends: the first request to quit is held back until it has closed. */
export function closeBeforeQuit(app: Pick<App, 'on' | 'quit'>, application: Application, log: Log): void {
  let state: 'open' | 'closing' | 'closed' = 'open'

  app.on('before-quit', (event) => {
    if (state === 'closed') return
    event.preventDefault()
    if (state === 'closing') return
    state = 'closing'
    void close().then(() => {
      state = 'closed'
      app.quit()
    })
  })

  async function close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, closeMs)))
    try {
      await Promise.race([application.close(), late])
    } catch (error) {
      log.bug('close-failed', error)
    } finally {
      clearTimeout(timer)
    }
  }
}
