import type { LogFields } from '../core/ports/log.ts'
import type { Port } from '../contract/rpc/port.ts'
import { channels } from './channels.ts'
import { appOrigin, isAppUrl } from './origin.ts'

/** What is read of Electron's WebFrameMain. */
export interface Frame {
  readonly url: string
  readonly origin: string
  readonly parent: unknown
  readonly frameTreeNodeId: number
}

/** What is used of Electron's WebContents. */
export interface Page {
  readonly id: number
  readonly mainFrame: Frame
  isDestroyed(): boolean
  send(channel: string, ...args: string[]): void
  on(
    event: 'did-start-navigation',
    listener: (details: { isMainFrame: boolean; isSameDocument: boolean }) => void,
  ): unknown
  on(event: 'render-process-gone' | 'destroyed', listener: () => void): unknown
}

/** What is read of Electron's IpcMainEvent. */
export interface Incoming {
  readonly sender: Page
  readonly senderFrame: Frame | null
}

/** What is used of Electron's IpcMain. */
export interface Ipc {
  on(channel: string, listener: (event: Incoming, ...args: unknown[]) => void): unknown
}

export interface RpcPortsOptions {
  readonly ipc: Ipc
  /** Called for each port that a trusted page opens. */
  readonly onPort: (port: Port) => void
  readonly onRefused: (reason: string, fields: LogFields) => void
}

/** Room for the longest request there is, an action on a million devices; far below what would hurt the main process. */
const longestMessage = 32 * 1024 * 1024

/** Gives every load of a trusted page one port, and takes messages from nobody else. */
export class RpcPorts {
  readonly #options: RpcPortsOptions
  readonly #trusted = new Set<number>()
  readonly #open = new Map<number, PagePort>()

  constructor(options: RpcPortsOptions) {
    this.#options = options
    options.ipc.on(channels.open, (event, portId) => this.#opened(event, portId))
    options.ipc.on(channels.send, (event, portId, text) => this.#sent(event, portId, text))
  }

  /** From now on the page may open a port. */
  trust(page: Page): void {
    this.#trusted.add(page.id)
    page.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.#close(page.id)
    })
    page.on('render-process-gone', () => this.#close(page.id))
    page.on('destroyed', () => {
      this.#trusted.delete(page.id)
      this.#close(page.id)
    })
  }

  #opened(event: Incoming, portId: unknown): void {
    const problem = this.#distrust(event) ?? (isPortId(portId) ? undefined : 'malformed port id')
    if (problem !== undefined || !isPortId(portId)) return this.#refuse(event, problem)
    this.#close(event.sender.id)
    const port = new PagePort(event.sender, portId)
    this.#open.set(event.sender.id, port)
    this.#options.onPort(port)
  }

  #sent(event: Incoming, portId: unknown, text: unknown): void {
    const problem = this.#distrust(event)
    if (problem !== undefined) return this.#refuse(event, problem)
    const port = this.#open.get(event.sender.id)
    // What a page that is gone had still under way is not an attack.
    if (port?.portId !== portId) return
    const message = parse(text)
    if (message !== undefined) return port?.receive(message.value)
    this.#refuse(event, 'malformed message')
    this.#close(event.sender.id)
  }

  /** Why the sender may not speak, or undefined. All of it must hold: a page we opened, its main frame, our origin. */
  #distrust({ sender, senderFrame }: Incoming): string | undefined {
    if (sender.isDestroyed()) return 'destroyed page'
    if (!this.#trusted.has(sender.id)) return 'unknown page'
    if (senderFrame === null) return 'frame is gone'
    if (senderFrame.parent !== null || senderFrame.frameTreeNodeId !== sender.mainFrame.frameTreeNodeId) {
      return 'not the main frame'
    }
    // An about:blank page inherits the origin of its opener, so the origin alone is not enough.
    if (senderFrame.origin !== appOrigin || !isAppUrl(senderFrame.url)) return 'foreign origin'
    return undefined
  }

  #refuse({ sender }: Incoming, reason = 'refused'): void {
    this.#options.onRefused(reason, { pageId: sender.id })
  }

  #close(pageId: number): void {
    const port = this.#open.get(pageId)
    this.#open.delete(pageId)
    port?.close()
  }
}

/** The main process's end of one page's pipe. */
class PagePort implements Port {
  readonly portId: string
  readonly #page: Page
  readonly #onMessage = new Set<(message: unknown) => void>()
  readonly #onClose = new Set<() => void>()
  #isOpen = true

  constructor(page: Page, portId: string) {
    this.#page = page
    this.portId = portId
  }

  send(message: unknown): void {
    if (this.#isOpen && !this.#page.isDestroyed()) {
      this.#page.send(channels.receive, this.portId, JSON.stringify(message))
    }
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#onMessage.add(listener)
  }

  onClose(listener: () => void): void {
    this.#onClose.add(listener)
  }

  receive(message: unknown): void {
    for (const listener of this.#onMessage) listener(message)
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (!this.#page.isDestroyed()) this.#page.send(channels.closed, this.portId)
    for (const listener of this.#onClose) listener()
  }
}

function isPortId(value: unknown): value is string {
  return typeof value === 'string' && /^[\da-f-]{36}$/.test(value)
}

function parse(text: unknown): { value: unknown } | undefined {
  if (typeof text !== 'string' || text.length > longestMessage) return undefined
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}
