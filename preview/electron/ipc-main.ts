import type { IpcMain } from 'electron'
import type { Frame } from './frame-tree.ts'
import type { Part } from './part.ts'

export interface IpcEvent {
  readonly sender: object
  readonly senderFrame: Frame | null
}

type IpcListener = (event: IpcEvent, ...args: unknown[]) => void

/** The main process's end of ipcRenderer.send. */
export class LookAlikeIpcMain implements Part<IpcMain, 'on'> {
  readonly #listeners = new Map<string, IpcListener[]>()

  readonly on = (channel: string, listener: (event: never, ...args: never[]) => void): void => {
    this.#listeners.set(channel, [...(this.#listeners.get(channel) ?? []), listener as IpcListener])
  }

  dispatch(channel: string, event: IpcEvent, args: readonly unknown[]): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener(event, ...args)
  }
}
