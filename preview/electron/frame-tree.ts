import type { WebFrameMain } from 'electron'
import type { DevToolsSession } from '../devtools/devtools.ts'
import type { Part } from './part.ts'
import { toAppUrl } from './page-url.ts'

/** One frame of the page, as far as a main process may ask. */
class Frame implements Part<WebFrameMain, 'url' | 'origin' | 'frameTreeNodeId' | 'isDestroyed'> {
  readonly frameTreeNodeId: number
  readonly parent: Frame | null
  url = ''
  origin = ''
  #isDestroyed = false

  constructor(frameTreeNodeId: number, parent: Frame | null) {
    this.frameTreeNodeId = frameTreeNodeId
    this.parent = parent
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  destroy(): void {
    this.#isDestroyed = true
  }
}
export type { Frame }

interface CommittedFrame {
  readonly id: string
  readonly parentId?: string
  readonly url: string
  readonly securityOrigin: string
}

interface Context {
  readonly id: number
  readonly origin: string
  readonly auxData?: object
}

/** Follows the frames of a page, and which JavaScript context belongs to which. */
export class FrameTree {
  readonly mainFrame = new Frame(1, null)
  readonly #frames = new Map<string, Frame>()
  readonly #contexts = new Map<number, string>()
  #lastNodeId = 1

  /** The session's Page and Runtime domains must be enabled after this. */
  follow(session: DevToolsSession, mainFrameId: string): void {
    this.#frames.set(mainFrameId, this.mainFrame)
    session.on('Page.frameAttached', ({ frameId, parentFrameId }) => this.#attach(frameId, parentFrameId))
    session.on('Page.frameNavigated', ({ frame }) => this.#commit(frame))
    session.on('Page.frameDetached', ({ frameId }) => {
      this.#frames.get(frameId)?.destroy()
      this.#frames.delete(frameId)
    })
    session.on('Runtime.executionContextCreated', ({ context }) => this.#addContext(context))
    session.on('Runtime.executionContextDestroyed', ({ executionContextId }) =>
      this.#contexts.delete(executionContextId),
    )
    session.on('Runtime.executionContextsCleared', () => this.#contexts.clear())
  }

  isMain(frameId: string): boolean {
    return this.#frames.get(frameId) === this.mainFrame
  }

  /** The frame whose script runs in the context; null when it is gone. */
  frameOf(contextId: number): Frame | null {
    return this.#frames.get(this.#contexts.get(contextId) ?? '') ?? null
  }

  #attach(frameId: string, parentId: string): void {
    const parent = this.#frames.get(parentId)
    if (!parent) return
    const frame = new Frame(++this.#lastNodeId, parent)
    frame.url = 'about:blank'
    this.#frames.set(frameId, frame)
  }

  #commit({ id, parentId, url, securityOrigin }: CommittedFrame): void {
    if (!this.#frames.has(id) && parentId !== undefined) this.#attach(id, parentId)
    const frame = this.#frames.get(id)
    if (!frame) return
    frame.url = toAppUrl(url)
    frame.origin = toAppUrl(securityOrigin)
  }

  #addContext({ id, origin, auxData }: Context): void {
    const { frameId } = (auxData ?? {}) as { frameId?: string }
    if (frameId === undefined) return
    this.#contexts.set(id, frameId)
    const frame = this.#frames.get(frameId)
    if (frame) frame.origin = toAppUrl(origin)
  }
}
