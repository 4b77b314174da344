import { spawn } from 'node:child_process'
import type { Clipboard, NativeTheme, PowerMonitor, SafeStorage, Shell } from 'electron'
import type { DevToolsSession } from '../devtools/devtools.ts'
import { Events } from '../events.ts'
import type { Part } from './part.ts'

const unavailable = 'The Electron look-alike keeps no secrets.'

/** There is no keyring behind the look-alike, and it says so. */
export const safeStorage = {
  isAsyncEncryptionAvailable: () => Promise.resolve(false),
  getSelectedStorageBackend: () => 'unknown',
  encryptStringAsync: () => Promise.reject(new Error(unavailable)),
  decryptStringAsync: () => Promise.reject(new Error(unavailable)),
} satisfies Part<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptStringAsync' | 'decryptStringAsync'
>

/** Nobody tells the look-alike that the machine is shut down; it is ended like any other process. */
export const powerMonitor = { on: new Events('powerMonitor', ['shutdown']).on } satisfies Part<
  PowerMonitor,
  'on'
>

/** Only the window knows, and it follows the system by itself. */
export const nativeTheme = { shouldUseDarkColors: false } satisfies Part<NativeTheme, 'shouldUseDarkColors'>

/** An app window has no menu bar; Chromium has the standard keys itself. */
export const Menu = {
  buildFromTemplate: (template: object) => template,
  setApplicationMenu: (_menu: object) => undefined,
}

export const shell = {
  openExternal(url: string): Promise<void> {
    const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
    return new Promise((resolve, reject) => {
      const child = spawn(opener, [url], { stdio: 'ignore', detached: true })
      child.once('spawn', resolve)
      child.once('error', reject)
      child.unref()
    })
  },
} satisfies Part<Shell, 'openExternal'>

/** The system's clipboard, by way of the page. */
export function createClipboard(page: () => Promise<DevToolsSession>): Part<Clipboard, 'writeText'> {
  return {
    async writeText(text) {
      const session = await page()
      const permission = { name: 'clipboard-write' }
      await session.send('Browser.setPermission', { permission, setting: 'granted' })
      const expression = `navigator.clipboard.writeText(${JSON.stringify(text)})`
      const { exceptionDetails } = await session.send('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        userGesture: true,
      })
      await session.send('Browser.setPermission', { permission, setting: 'denied' })
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    },
  }
}
