import { readFileSync } from 'node:fs'
import type { BrowserWindow, BrowserWindowConstructorOptions, WebPreferences } from 'electron'
import type { DevToolsSession } from '../devtools/devtools.ts'
import type { Chromium } from '../devtools/launch-chromium.ts'
import { Events, PreventableEvent } from '../events.ts'
import { strictly } from '../strict.ts'
import type { Part } from './part.ts'
import { LookAlikeWebContents, type PageServices, type Target } from './web-contents.ts'

export interface WindowHost extends PageServices {
  /** Starts Chromium with a window of the size. */
  launch(size: { width: number; height: number }): Chromium
  /** Tells Chromium what the app's permission handler answers. */
  prepare(chromium: Chromium): Promise<void>
  created(window: LookAlikeWindow): void
  /** Called once: the window was closed, or never came up. */
  closed(wasOpen: boolean): void
}

/** What the look-alike's page is like in any case; a window that asks for less would be shown safer than it is. */
const shown: WebPreferences = { contextIsolation: true, sandbox: true, nodeIntegration: false }

/** The app's window: a Chromium window without tabs or address. */
export class LookAlikeWindow implements Part<
  BrowserWindow,
  'on' | 'once' | 'show' | 'hide' | 'focus' | 'isMinimized' | 'isDestroyed' | 'restore' | 'loadURL'
> {
  readonly #events = new Events('BrowserWindow', ['close', 'closed', 'ready-to-show'])
  readonly on = this.#events.on
  readonly once = this.#events.once
  readonly #contents: LookAlikeWebContents
  readonly #target: Promise<Target>
  readonly chromium: Chromium
  #isOpen = false

  constructor(host: WindowHost, options: BrowserWindowConstructorOptions) {
    const { width = 800, height = 600, webPreferences = {} } = options
    requirePreferences(webPreferences)
    this.chromium = host.launch({ width, height })
    this.#target = this.#open(host, options)
    this.#contents = new LookAlikeWebContents(this.#target, host)
    this.#contents.once('ready-to-show', () => this.#events.emit('ready-to-show'))
    void this.chromium.exited.then(() => this.#close(host))
    host.created(this)
  }

  get webContents(): LookAlikeWebContents {
    return strictly('webContents', this.#contents)
  }

  /** The DevTools session of the page. */
  async page(): Promise<DevToolsSession> {
    return (await this.#target).session
  }

  loadURL(url: string): Promise<void> {
    return this.#contents.loadURL(url)
  }

  /** Chromium's window is there from the beginning. */
  show(): void {
    return undefined
  }

  /** A window of Chromium's cannot be hidden: it makes room. */
  hide(): void {
    this.#setState('minimized')
  }

  isDestroyed(): boolean {
    return this.#contents.isDestroyed()
  }

  /** Whether the app lets the window close. A person who closes Chromium's own window is past asking. */
  mayClose(): boolean {
    const event = new PreventableEvent()
    this.#events.emit('close', event)
    return !event.defaultPrevented
  }

  /** Chromium does not say so without being asked; `focus` restores in any case. */
  isMinimized(): boolean {
    return false
  }

  restore(): void {
    this.focus()
  }

  focus(): void {
    this.#setState('normal')
    void this.#target.then(({ session }) => session.send('Page.bringToFront'))
  }

  #setState(windowState: 'normal' | 'minimized'): void {
    const { browser } = this.chromium.devTools
    const change = async ({ targetId }: Target): Promise<void> => {
      const { windowId } = await browser.send('Browser.getWindowForTarget', { targetId })
      await browser.send('Browser.setWindowBounds', { windowId, bounds: { windowState } })
    }
    // A headless one has no state, and one that is gone needs none.
    this.#target.then(change).catch(() => undefined)
  }

  async #open(host: WindowHost, options: BrowserWindowConstructorOptions): Promise<Target> {
    const { browser } = this.chromium.devTools
    const targetId = await firstPage(this.chromium, options)
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true })
    const session = this.chromium.devTools.session(sessionId)
    await closePopups(this.chromium, targetId)
    browser.on('Target.targetDestroyed', (target) => {
      if (target.targetId === targetId) this.#close(host)
    })
    await host.prepare(this.chromium)
    if (options.backgroundColor !== undefined) {
      await session.send('Emulation.setDefaultBackgroundColorOverride', {
        color: toRgba(options.backgroundColor),
      })
    }
    this.#isOpen = true
    const preload = options.webPreferences?.preload
    return { session, targetId, preloadSource: preload === undefined ? '' : readFileSync(preload, 'utf8') }
  }

  #close(host: WindowHost): void {
    if (this.#contents.isDestroyed()) return
    this.#contents.destroy()
    this.#events.emit('closed')
    host.closed(this.#isOpen)
  }
}

function requirePreferences(preferences: WebPreferences): void {
  for (const [name, value] of Object.entries(shown)) {
    if (preferences[name as keyof WebPreferences] !== value) {
      throw new Error(`The Electron look-alike shows a window only with ${name}: ${String(value)}.`)
    }
  }
}

/** The page of the app window that Chromium opens at its start; a headless shell knows no windows, and is asked for a page. */
async function firstPage(
  { devTools: { browser } }: Chromium,
  { width = 800, height = 600 }: BrowserWindowConstructorOptions,
): Promise<string> {
  const { product } = await browser.send('Browser.getVersion')
  if (product.startsWith('HeadlessChrome/')) {
    return (await browser.send('Target.createTarget', { url: 'about:blank', width, height })).targetId
  }
  return new Promise((resolve, reject) => {
    browser.on('Target.targetCreated', ({ targetInfo }) => {
      if (targetInfo.type === 'page') resolve(targetInfo.targetId)
    })
    browser.send('Target.setDiscoverTargets', { discover: true }).catch(reject)
  })
}

/** A popup has been answered by the window open handler already; the only answer there is here is to deny. */
async function closePopups({ devTools: { browser } }: Chromium, ownTargetId: string): Promise<void> {
  browser.on('Target.targetCreated', ({ targetInfo: { type, targetId } }) => {
    if (type !== 'page' || targetId === ownTargetId) return
    browser.send('Target.closeTarget', { targetId }).catch(() => undefined)
  })
  await browser.send('Target.setDiscoverTargets', { discover: true })
}

function toRgba(color: string): { r: number; g: number; b: number; a: number } {
  const [, r = 'ff', g = 'ff', b = 'ff'] = /^#(..)(..)(..)$/.exec(color) ?? []
  return { r: parseInt(r, 16), g: parseInt(g, 16), b: parseInt(b, 16), a: 1 }
}
