import { readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { App } from 'electron'
import type { CommandLine } from '../command-line.ts'
import { Events, PreventableEvent } from '../events.ts'
import { strictly } from '../strict.ts'
import type { InstanceLock } from './instance-lock.ts'
import type { Part } from './part.ts'

const events = [
  'before-quit',
  'second-instance',
  'web-contents-created',
  'will-quit',
  'window-all-closed',
] as const

export interface AppHost {
  readonly commandLine: CommandLine
  readonly lock: InstanceLock
  /** Asks every window whether it may be closed. */
  mayCloseWindows(): boolean
  /** Closes all windows; resolves when nothing of them is left. */
  closeWindows(): Promise<void>
}

/** The life of the app. */
export class LookAlikeApp implements Part<
  App,
  | 'on'
  | 'whenReady'
  | 'quit'
  | 'exit'
  | 'getPath'
  | 'getVersion'
  | 'isPackaged'
  | 'enableSandbox'
  | 'requestSingleInstanceLock'
> {
  readonly events = new Events('app', events)
  readonly on = this.events.on
  readonly isPackaged = false
  readonly commandLine: object
  readonly #host: AppHost
  readonly #package: { readonly version: string }
  #isExiting = false

  constructor(host: AppHost) {
    this.#host = host
    const { appFolder, switches } = host.commandLine
    this.#package = JSON.parse(readFileSync(path.join(appFolder, 'package.json'), 'utf8')) as {
      version: string
    }
    this.commandLine = strictly('app.commandLine', { hasSwitch: (name: string) => switches.has(name) })
    host.lock.onSecondInstance((argv, folder) => this.events.emit('second-instance', {}, argv, folder))
  }

  whenReady(): Promise<void> {
    return Promise.resolve()
  }

  /** Chromium's renderers are sandboxed in any case. */
  enableSandbox(): void {
    return undefined
  }

  requestSingleInstanceLock(): boolean {
    return this.#host.lock.request()
  }

  getVersion(): string {
    return this.#package.version
  }

  getPath(name: Parameters<App['getPath']>[0]): string {
    const userData = userDataFolder(this.#host.commandLine)
    if (name === 'userData') return userData
    if (name === 'logs') return path.join(userData, 'logs')
    throw new Error(`The Electron look-alike has no app.getPath('${name}').`)
  }

  quit(): void {
    const event = new PreventableEvent()
    this.events.emit('before-quit', event)
    if (event.defaultPrevented || !this.#host.mayCloseWindows()) return
    this.events.emit('will-quit', new PreventableEvent())
    this.exit(0)
  }

  /** Not while the app quits: then it closes its windows by itself. */
  allWindowsClosed(): void {
    if (!this.#isExiting) this.events.emit('window-all-closed')
  }

  exit(exitCode = 0): void {
    if (this.#isExiting) return
    this.#isExiting = true
    this.#host.lock.release()
    void this.#host.closeWindows().finally(() => process.exit(exitCode))
  }
}

/** Where Electron keeps the data of an app of this name: `--user-data-dir`, or a folder of this user's. */
export function userDataFolder({ appFolder, switches }: CommandLine): string {
  const given = switches.get('user-data-dir')
  if (given) return path.resolve(given)
  const { name, productName = name } = JSON.parse(
    readFileSync(path.join(appFolder, 'package.json'), 'utf8'),
  ) as {
    name: string
    productName?: string
  }
  return path.join(applicationData(), productName)
}

function applicationData(): string {
  if (process.platform === 'win32')
    return process.env['APPDATA'] ?? path.join(os.homedir(), 'AppData', 'Roaming')
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Application Support')
  return process.env['XDG_CONFIG_HOME'] ?? path.join(os.homedir(), '.config')
}
