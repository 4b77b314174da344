import type { Port } from '../../contract/rpc/port.ts'

export interface PortPair {
  readonly page: Port
  readonly host: Port
  readonly close: () => void
}

/** Two ends of a pipe in memory. Messages are copied, as they would be between processes. */
export function portPair(): PortPair {
  const page = new End()
  const host = new End()
  return {
    page: { ...page.listeners, send: (message) => host.receive(message) },
    host: { ...host.listeners, send: (message) => page.receive(message) },
    close: () => {
      page.close()
      host.close()
    },
  }
}

class End {
  #onMessage: ((message: unknown) => void) | undefined
  #onClose: (() => void) | undefined
  #isOpen = true

  readonly listeners = {
    onMessage: (listener: (message: unknown) => void): void => {
      this.#onMessage = listener
    },
    onClose: (listener: () => void): void => {
      this.#onClose = listener
    },
  }

  receive(message: unknown): void {
    const copy: unknown = structuredClone(message)
    queueMicrotask(() => {
      if (this.#isOpen) this.#onMessage?.(copy)
    })
  }

  close(): void {
    this.#isOpen = false
    this.#onClose?.()
  }
}
