import type { Session } from 'electron'
import type { DevToolsSession } from '../devtools/devtools.ts'
import { Events } from '../events.ts'
import type { Part } from './part.ts'

type RequestHandler = NonNullable<Parameters<Session['setPermissionRequestHandler']>[0]>
type Permission = Parameters<RequestHandler>[1]

/** Electron's names of permissions, each with the browser's own descriptor of it. */
const permissions: readonly (readonly [Permission, { name: string; sysex?: boolean }])[] = [
  ['geolocation', { name: 'geolocation' }],
  ['notifications', { name: 'notifications' }],
  ['media', { name: 'microphone' }],
  ['media', { name: 'camera' }],
  ['midi', { name: 'midi' }],
  ['midiSysex', { name: 'midi', sysex: true }],
  ['clipboard-read', { name: 'clipboard-read' }],
  ['clipboard-sanitized-write', { name: 'clipboard-write' }],
  ['display-capture', { name: 'display-capture' }],
  ['idle-detection', { name: 'idle-detection' }],
  ['local-fonts', { name: 'local-fonts' }],
  ['persistent-storage', { name: 'persistent-storage' }],
  ['screen-wake-lock', { name: 'screen-wake-lock' }],
  ['sensors', { name: 'accelerometer' }],
  ['storage-access', { name: 'storage-access' }],
  ['window-management', { name: 'window-management' }],
]

/** The default session: it asks the app's own handler about each permission, and tells Chromium the answer. */
export class LookAlikeSession implements Part<
  Session,
  'on' | 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
> {
  readonly #events = new Events('session', ['will-download'])
  readonly on = this.#events.on
  #requestHandler: RequestHandler | null = null

  readonly setPermissionRequestHandler: Session['setPermissionRequestHandler'] = (handler) => {
    this.#requestHandler = handler
  }

  /** Chromium asks nobody synchronously; the request handler's answer stands for both. */
  readonly setPermissionCheckHandler: Session['setPermissionCheckHandler'] = () => undefined

  /** Device choosers cannot be answered over DevTools; Chromium denies them by a flag. */
  readonly setDevicePermissionHandler: Session['setDevicePermissionHandler'] = () => undefined

  async applyPermissions(browser: DevToolsSession): Promise<void> {
    for (const [name, permission] of permissions) {
      const setting = (await this.#isGranted(name)) ? 'granted' : 'denied'
      // Chromiums differ in the names they know; one that does not know a permission does not grant it.
      await browser.send('Browser.setPermission', { permission, setting }).catch(() => undefined)
    }
    await browser.send('Browser.setDownloadBehavior', { behavior: 'deny' })
  }

  #isGranted(permission: Permission): Promise<boolean> {
    const handler = this.#requestHandler
    if (!handler) return Promise.resolve(true)
    return new Promise((resolve) => handler(undefined as never, permission, resolve, undefined as never))
  }
}
