import type { App, Session, Shell, WebContents } from 'electron'
import type { Log } from '../../core/ports/log.ts'
import { isAppUrl } from '../origin.ts'

export const homepage = 'https://github.com/drover-iot/drover'

/** The pages that the app may open in the person's browser, to the letter. */
const externalPages: readonly string[] = [homepage]

/** Takes from every page what Drover's own page does not need: permissions, devices, downloads, other pages, other windows. */
export function lockDown(app: App, session: Session, options: { shell: Shell; log: Log }): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event) => event.preventDefault())
  app.on('web-contents-created', (_event, contents) => confine(contents, options))
}

/**
 * Whether the URL may be opened outside. The whole of it is compared:
 * a test of how it begins lets `https://github.com.evil.example` through.
 */
export function isExternalPage(text: string): boolean {
  return URL.canParse(text) && externalPages.includes(new URL(text).href)
}

function confine(contents: WebContents, { shell, log }: { shell: Shell; log: Log }): void {
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.on('will-navigate', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', (event) => {
    if (!isAppUrl(event.url)) event.preventDefault()
  })
  contents.setWindowOpenHandler(({ url }) => {
    if (isExternalPage(url))
      shell.openExternal(url).catch((error: unknown) => log.bug('open-external-failed', error))
    return { action: 'deny' }
  })
}
