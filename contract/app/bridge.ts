import type { Port } from '../rpc/port.ts'

/** All that the preload script gives to the page, as `window.drover`. It never grows: what the app can do is in `api.ts`. */
export interface DroverBridge {
  /** Opens a port to the main process; a port that this page, or the page before it, had open is abandoned. */
  openPort(): Port
}

declare global {
  interface Window {
    readonly drover: DroverBridge
  }
}
