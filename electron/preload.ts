import { contextBridge, ipcRenderer } from 'electron'
import type { DroverBridge, TextPort } from '../contract/app/bridge.ts'
import { channels } from './channels.ts'

contextBridge.exposeInMainWorld('drover', Object.freeze(createBridge()))

interface Listeners {
  readonly onMessage: Set<(text: string) => void>
  readonly onClose: Set<() => void>
}

/** Electron's event objects stay here: they hold the way to every channel. */
function createBridge(): DroverBridge {
  const open = new Map<unknown, Listeners>()

  ipcRenderer.on(channels.receive, (_event, portId: unknown, text: string) => {
    for (const listener of open.get(portId)?.onMessage ?? []) listener(text)
  })
  ipcRenderer.on(channels.closed, (_event, portId: unknown) => {
    const listeners = open.get(portId)?.onClose ?? []
    open.delete(portId)
    for (const listener of listeners) listener()
  })

  return {
    openPort() {
      // Random, so that a message for the page before this one is never taken for one of ours.
      const portId = crypto.randomUUID()
      const listeners: Listeners = { onMessage: new Set(), onClose: new Set() }
      open.set(portId, listeners)
      ipcRenderer.send(channels.open, portId)
      return createPort(portId, listeners)
    },
  }
}

function createPort(portId: string, { onMessage, onClose }: Listeners): TextPort {
  return Object.freeze({
    send: (text: string) => ipcRenderer.send(channels.send, portId, text),
    onMessage: (listener: (text: string) => void) => void onMessage.add(listener),
    onClose: (listener: () => void) => void onClose.add(listener),
  })
}
