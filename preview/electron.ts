import type { BrowserWindowConstructorOptions } from 'electron'
import { readCommandLine } from './command-line.ts'
import { launchChromium } from './devtools/launch-chromium.ts'
import { LookAlikeApp, userDataFolder } from './electron/app.ts'
import { createDialog } from './electron/dialog.ts'
import { LookAlikeWindow, type WindowHost } from './electron/browser-window.ts'
import { takeInstanceLock } from './electron/instance-lock.ts'
import { LookAlikeIpcMain } from './electron/ipc-main.ts'
import { LookAlikeProtocol } from './electron/protocol.ts'
import { LookAlikeSession } from './electron/session.ts'
import { createPowerSaveBlocker } from './electron/power-save-blocker.ts'
import { LookAlikeNotification } from './electron/notification.ts'
import * as parts from './electron/small-parts.ts'
import { forkUtilityProcess } from './electron/utility-process.ts'
import { strictly } from './strict.ts'

/** What `import ... from 'electron'` finds in the look-alike: what electron/ uses, and nothing else. */

const commandLine = readCommandLine(process.argv.slice(2))
const lock = await takeInstanceLock(userDataFolder(commandLine))
const theProtocol = new LookAlikeProtocol()
const theIpcMain = new LookAlikeIpcMain()
const defaultSession = new LookAlikeSession()
const windows = new Set<LookAlikeWindow>()
const theApp = new LookAlikeApp({
  commandLine,
  lock,
  mayCloseWindows: () => [...windows].every((window) => window.isDestroyed() || window.mayClose()),
  closeWindows: async () => {
    await Promise.all([...windows].map(({ chromium }) => chromium.close()))
  },
})

const host: WindowHost = {
  ipcMain: theIpcMain,
  protocol: theProtocol,
  launch: (size) =>
    launchChromium({
      ...size,
      program: commandLine.chromium,
      isHeadless: commandLine.switches.has('headless'),
      remoteDebuggingPort: commandLine.switches.get('remote-debugging-port'),
    }),
  prepare: ({ devTools }) => defaultSession.applyPermissions(devTools.browser),
  created(window) {
    if (windows.size > 0) throw new Error('The Electron look-alike shows one window.')
    windows.add(window)
    theApp.events.emit('web-contents-created', {}, window.webContents)
  },
  closed(wasOpen) {
    if (wasOpen) theApp.allWindowsClosed()
    else theApp.exit(1)
  },
}

process.on('SIGINT', () => theApp.quit())
process.on('SIGTERM', () => theApp.quit())
process.on('exit', () => {
  for (const { chromium } of windows) chromium.kill()
})

function LookAlikeBrowserWindow(options: BrowserWindowConstructorOptions): LookAlikeWindow {
  return strictly('BrowserWindow', new LookAlikeWindow(host, options))
}

async function confirmInPage(text: string): Promise<boolean> {
  const session = await pageSession()
  const { result } = await session.send('Runtime.evaluate', {
    expression: `confirm(${JSON.stringify(text)})`,
  })
  return result.value === true
}

function pageSession(): ReturnType<LookAlikeWindow['page']> {
  const [window] = windows
  return window ? window.page() : Promise.reject(new Error('There is no window.'))
}

export const app = strictly('app', theApp)
export const ipcMain = strictly('ipcMain', theIpcMain)
export const protocol = strictly('protocol', theProtocol)
export const session = strictly('session', {
  defaultSession: strictly('session.defaultSession', defaultSession),
})
export const utilityProcess = strictly('utilityProcess', { fork: forkUtilityProcess })
export const safeStorage = strictly('safeStorage', parts.safeStorage)
export const clipboard = strictly('clipboard', parts.createClipboard(pageSession))
export const nativeTheme = strictly('nativeTheme', parts.nativeTheme)
export const dialog = strictly(
  'dialog',
  createDialog({ folder: commandLine.switches.get('dialog-folder'), confirm: confirmInPage }),
)
export const Menu = strictly('Menu', parts.Menu)
export const powerMonitor = strictly('powerMonitor', parts.powerMonitor)
export const powerSaveBlocker = strictly('powerSaveBlocker', createPowerSaveBlocker())
export const Notification = LookAlikeNotification
export const shell = strictly('shell', parts.shell)
export { LookAlikeBrowserWindow as BrowserWindow }
