/**
 * One end of an ordered, lossless, two-way pipe of JSON messages.
 * Electron IPC and a MessagePort both provide one; nothing above this line knows which.
 */
export interface Port {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, when the other end is gone. Nothing arrives after it. */
  onClose(listener: () => void): void
}
