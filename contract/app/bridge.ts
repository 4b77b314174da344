/**
 * A port whose messages are JSON as text: what crosses from the preload script to the page is copied value by value,
 * and a page of devices has a hundred thousand of them.
 */
export interface TextPort {
  send(text: string): void
  onMessage(listener: (text: string) => void): void
  /** Called once, when the other end is gone. */
  onClose(listener: () => void): void
}

/** All that the preload script gives to the page, as `window.drover`. It never grows: what the app can do is in `api.ts`. */
export interface DroverBridge {
  /** Opens a port to the main process; a port that this page, or the page before it, had open is abandoned. */
  openPort(): TextPort
}

declare global {
  interface Window {
    readonly drover: DroverBridge
  }
}
