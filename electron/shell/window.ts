import { BrowserWindow, nativeTheme } from 'electron'

/** What the window shows before its first paint: the page's own background, so that nothing flashes. */
const background = { light: '#ffffff', dark: '#16181d' } as const

/** The app's one window, hidden until its page has something to show. */
export function createWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Drover',
    width: 1280,
    height: 800,
    minWidth: 880,
    minHeight: 560,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      webSecurity: true,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  return window
}

/** Brings the window to the person who started the app a second time. */
export function focusWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.focus()
}
