import { EventEmitter } from 'node:events'
import type { ParentPort } from 'electron'
import type { Part } from './electron/part.ts'

/**
 * Loaded into a utility process before its own program: gives it `process.parentPort`, and takes away what
 * a child of Node has and a utility process of Electron does not.
 */
const toParent = process.send?.bind(process)
/** How long a program may take to end by itself when its parent is gone. */
const closeMs = 1_000
const emitter = new EventEmitter()
const waiting: unknown[] = []

process.on('message', (data) => {
  // Messages that come before the program listens are kept for it, as Electron does.
  if (emitter.listenerCount('message') === 0) waiting.push(data)
  else emitter.emit('message', { data })
})
process.on('disconnect', () => {
  // Electron ends its utility processes with itself, whatever they still do.
  emitter.emit('close')
  setTimeout(() => process.exit(0), closeMs).unref()
})
Reflect.deleteProperty(process, 'send')

const parentPort = {
  on(event: 'message' | 'close', listener: (message: { data: unknown }) => void): void {
    emitter.on(event, listener)
    if (event === 'message') for (const data of waiting.splice(0)) emitter.emit('message', { data })
  },
  postMessage: (message: unknown) => {
    if (process.connected) toParent?.(message)
  },
} satisfies Part<ParentPort, 'on' | 'postMessage'>

Object.defineProperty(process, 'parentPort', { value: parentPort })
