import type { App, BrowserWindow } from 'electron'
import type { Application } from '../core/application.ts'
import type { Log } from '../core/ports/log.ts'

/** Long enough to end the local hub; what a longer one would save is in the journal already. */
const closeMs = 8_000

export interface ClosingParts {
  readonly app: Pick<App, 'on' | 'quit'>
  readonly application: Pick<Application, 'underWay' | 'close'>
  readonly log: Log
  /** Whether a person closes the app although so many actions need it. */
  readonly mayClose: (actions: number) => Promise<boolean>
}

type State = 'open' | 'asking' | 'closing' | 'closed'

/** The way to the end of the app: one question, if an action needs the app; then the application closes; then it ends. */
export class Closing {
  readonly #parts: ClosingParts
  #state: State = 'open'
  #isInsisted = false
  #window: BrowserWindow | undefined

  constructor(parts: ClosingParts) {
    this.#parts = parts
    parts.app.on('before-quit', (event) => {
      if (this.#state === 'closed') return
      event.preventDefault()
      if (this.#state === 'asking') this.#goOn()
      if (this.#state === 'open') void this.#ask()
    })
  }

  /** Closing the window is closing the app: it stays until the question is answered. */
  watch(window: BrowserWindow): void {
    this.#window = window
    window.on('close', (event) => {
      if (this.#state === 'closed') return
      event.preventDefault()
      this.#parts.app.quit()
    })
  }

  /** The machine is being shut down, or there is no window any more: there is nobody to ask. */
  insist(): void {
    this.#isInsisted = true
    if (this.#state === 'asking') this.#goOn()
  }

  async #ask(): Promise<void> {
    const { application, mayClose, log } = this.#parts
    const { underWay } = application
    if (underWay === 0 || this.#isInsisted) {
      this.#goOn()
      return
    }
    this.#state = 'asking'
    const isToClose = await mayClose(underWay).catch((error: unknown) => {
      log.bug('question-failed', error)
      return true
    })
    // Who asks to close a second time, while the question is open, has answered it.
    if (!this.#isAsking()) return
    if (isToClose) this.#goOn()
    else this.#state = 'open'
  }

  #isAsking(): boolean {
    return this.#state === 'asking'
  }

  #goOn(): void {
    this.#state = 'closing'
    if (this.#window?.isDestroyed() === false) this.#window.hide()
    void this.#close().then(() => {
      this.#state = 'closed'
      this.#parts.app.quit()
    })
  }

  async #close(): Promise<void> {
    const { application, log } = this.#parts
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
