import type { MenuItemConstructorOptions } from 'electron'

export interface MenuOptions {
  readonly platform: NodeJS.Platform
  /** Reloading and the developer tools are for those who work on Drover. */
  readonly isDevelopment: boolean
}

/** The application menu: what the operating system expects, and nothing that the window already offers. */
export function menuTemplate({ platform, isDevelopment }: MenuOptions): MenuItemConstructorOptions[] {
  const application: MenuItemConstructorOptions =
    platform === 'darwin' ? { role: 'appMenu' } : { label: 'File', submenu: [{ role: 'quit' }] }
  const view: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      ...(isDevelopment ? development : []),
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' },
    ],
  }
  return [application, { role: 'editMenu' }, view, { role: 'windowMenu' }]
}

const development: readonly MenuItemConstructorOptions[] = [
  { role: 'reload' },
  { role: 'toggleDevTools' },
  { type: 'separator' },
]
