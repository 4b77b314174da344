import { copyAcross, copyAcrossSource, deepFreeze } from './copy-across.ts'

export interface PreloadHostOptions {
  /** The global function that DevTools adds for the page to reach us. */
  readonly binding: string
  /** The global function that we call to reach the page. */
  readonly receiver: string
}

type Require = (name: string) => unknown
type Preload = (require: Require, module: object, exports: object) => void

/** The text to run in each new document before its own scripts: a preload script, with Electron's two modules for one. */
export function preloadHostSource(options: PreloadHostOptions, preloadSource: string): string {
  const preload = `function (require, module, exports) {\n${preloadSource}\n}`
  const call = `hostPreload(${JSON.stringify(options)}, ${preload})`
  return `(() => {\n${copyAcrossSource()}\n${String(hostPreload)}\n${call}\n})()`
}

/** Injected as text, with the functions of copy-across.ts beside it: it may use nothing else from around it. */
function hostPreload({ binding, receiver }: PreloadHostOptions, preload: Preload): void {
  const page = globalThis as unknown as Record<string, unknown>
  const toMain = page[binding] as (text: string) => void
  // The page's own scripts and its frames have no way to main but what the preload script gives them.
  Reflect.deleteProperty(page, binding)
  if (page['parent'] !== page) return

  const listeners: { channel: string; listener: (event: object, ...args: unknown[]) => void }[] = []

  const ipcRenderer = {
    send(channel: string, ...args: unknown[]): void {
      if (args.some((each) => typeof each === 'object' || typeof each === 'function')) {
        throw new TypeError('The Electron look-alike carries texts, numbers and booleans over IPC.')
      }
      toMain(JSON.stringify({ channel, args }))
    },
    on(channel: string, listener: (event: object, ...args: unknown[]) => void): void {
      listeners.push({ channel, listener })
    },
  }
  const contextBridge = {
    exposeInMainWorld(name: string, api: unknown): void {
      if (name in page) throw new Error(`Cannot bind an API on top of an existing property: ${name}`)
      Object.defineProperty(page, name, { value: deepFreeze(copyAcross(api)), enumerable: true })
    },
  }
  const electron = new Proxy(
    { contextBridge, ipcRenderer },
    {
      get(modules, name) {
        if (Object.hasOwn(modules, name)) return Reflect.get(modules, name) as unknown
        throw new Error(`The Electron look-alike gives a preload script no ${String(name)}.`)
      },
    },
  )
  Object.defineProperty(page, receiver, {
    value: (channel: string, args: unknown[]) => {
      for (const each of [...listeners]) if (each.channel === channel) each.listener({}, ...args)
    },
  })
  const require: Require = (name) => {
    if (name === 'electron') return electron
    throw new Error(`module not found: ${name}`)
  }
  const module = { exports: {} }
  preload(require, module, module.exports)
}
