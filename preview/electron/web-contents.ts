import type { WebContents } from 'electron'
import type { DevToolsSession } from '../devtools/devtools.ts'
import { Events, PreventableEvent } from '../events.ts'
import { preloadHostSource } from '../page/preload-host.ts'
import { FrameTree } from './frame-tree.ts'
import type { Frame } from './frame-tree.ts'
import type { LookAlikeIpcMain } from './ipc-main.ts'
import { toAppUrl, toPageUrl } from './page-url.ts'
import type { Part } from './part.ts'
import type { LookAlikeProtocol, PausedRequest } from './protocol.ts'

export interface PageServices {
  readonly ipcMain: LookAlikeIpcMain
  readonly protocol: LookAlikeProtocol
}

export interface Target {
  readonly session: DevToolsSession
  readonly targetId: string
  readonly preloadSource: string
}

type OpenHandler = Parameters<WebContents['setWindowOpenHandler']>[0]

/** Between the page and us. The page deletes the first before its own scripts run; the second only ever brings it messages. */
const names = { binding: '__electronLookAlikeSend', receiver: '__electronLookAlikeReceive' } as const

const events = [
  'destroyed',
  'did-start-navigation',
  'ready-to-show',
  'render-process-gone',
  'will-attach-webview',
  'will-navigate',
  'will-redirect',
] as const

/** The page of the window: a Chromium target. */
export class LookAlikeWebContents implements Part<
  WebContents,
  'id' | 'on' | 'once' | 'send' | 'isDestroyed' | 'loadURL' | 'setWindowOpenHandler'
> {
  readonly id = 1
  readonly events = new Events('webContents', events)
  readonly on = this.events.on
  readonly once = this.events.once
  readonly #frames = new FrameTree()
  readonly #services: PageServices
  readonly #target: Promise<Target>
  #openHandler: OpenHandler = () => ({ action: 'deny' })
  /** A navigation that the app itself asked for, and that needs nobody's leave. */
  #askedUrl: string | undefined
  #isDestroyed = false

  constructor(target: Promise<Target>, services: PageServices) {
    this.#services = services
    this.#target = target.then(async (ready) => {
      await this.#connect(ready)
      return ready
    })
    this.#target.catch(() => this.destroy())
  }

  get mainFrame(): Frame {
    return this.#frames.mainFrame
  }

  isDestroyed(): boolean {
    return this.#isDestroyed
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler
  }

  async loadURL(url: string): Promise<void> {
    const { session } = await this.#target
    this.#askedUrl = toPageUrl(url)
    const loaded = new Promise<void>((resolve) => session.on('Page.loadEventFired', () => resolve()))
    const { errorText } = await session.send('Page.navigate', { url: this.#askedUrl })
    if (errorText) throw new Error(`${errorText} loading '${url}'`)
    await loaded
  }

  /** Arguments are texts, numbers and booleans. A page that has gone meanwhile gets nothing, as in Electron. */
  send(channel: string, ...args: unknown[]): void {
    const expression = `${names.receiver}(${JSON.stringify(channel)}, ${JSON.stringify(args)})`
    this.#target
      .then(({ session }) => session.send('Runtime.evaluate', { expression, silent: true }))
      .catch(() => undefined)
  }

  /** Called when the target is gone. */
  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.events.emit('destroyed')
  }

  async #connect({ session, targetId, preloadSource }: Target): Promise<void> {
    this.#frames.follow(session, targetId)
    session.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === names.binding) this.#receive(payload, executionContextId)
    })
    session.on('Fetch.requestPaused', (paused) => this.#answer(session, paused))
    session.on('Page.loadEventFired', () => this.events.emit('ready-to-show'))
    session.on('Page.windowOpen', ({ url }) =>
      this.#openHandler({ url: toAppUrl(url) } as Parameters<OpenHandler>[0]),
    )
    session.on('Inspector.targetCrashed', () =>
      this.events.emit('render-process-gone', {}, { reason: 'crashed' }),
    )

    await Promise.all([
      session.send('Runtime.addBinding', { name: names.binding }),
      session.send('Page.enable'),
      session.send('Runtime.enable'),
      session.send('Inspector.enable'),
      session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
      session.send('Page.addScriptToEvaluateOnNewDocument', {
        source: preloadHostSource(names, preloadSource),
      }),
    ])
  }

  #receive(payload: string, contextId: number): void {
    const { channel, args } = JSON.parse(payload) as { channel: string; args: unknown[] }
    this.#services.ipcMain.dispatch(
      channel,
      { sender: this, senderFrame: this.#frames.frameOf(contextId) },
      args,
    )
  }

  #answer(session: DevToolsSession, paused: PausedRequest & { resourceType: string; frameId: string }): void {
    const isNavigation = paused.resourceType === 'Document' && this.#frames.isMain(paused.frameId)
    if (isNavigation && !this.#mayNavigate(paused.request.url)) {
      const refusal = { requestId: paused.requestId, errorReason: 'Aborted' } as const
      session.send('Fetch.failRequest', refusal).catch(() => undefined)
      return
    }
    this.#services.protocol.answer(session, paused).catch((error: unknown) => {
      if (!this.#isDestroyed) throw error
    })
  }

  #mayNavigate(pageUrl: string): boolean {
    const url = toAppUrl(pageUrl)
    this.events.emit('did-start-navigation', { url, isMainFrame: true, isSameDocument: false })
    const isAsked = pageUrl === this.#askedUrl
    this.#askedUrl = undefined
    if (isAsked) return true
    const event = Object.assign(new PreventableEvent(), { url })
    this.events.emit('will-navigate', event, url)
    return !event.defaultPrevented
  }
}
