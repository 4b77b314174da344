/** The line to the process that started this one. */
export interface ParentChannel {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** The parent has closed the channel, or is gone. */
  onClose(listener: () => void): void
}

/** What Electron gives a `utilityProcess`; named here by shape, because this file also runs where Electron is not. */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
}

/** The channel of an Electron utility process or of `child_process.fork`; `undefined` when there is no parent to talk to. */
export function parentChannel(): ParentChannel | undefined {
  const { parentPort } = process as unknown as { parentPort?: ParentPort }
  if (parentPort) return electronChannel(parentPort)
  return process.send ? forkChannel() : undefined
}

function electronChannel(port: ParentPort): ParentChannel {
  return {
    send: (message) => {
      port.postMessage(message)
    },
    onMessage: (listener) =>
      void port.on('message', ({ data }) => {
        listener(data)
      }),
    onClose: (listener) => void port.on('close', listener),
  }
}

function forkChannel(): ParentChannel {
  return {
    send: (message) => {
      if (process.connected) process.send?.(message)
    },
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.on('disconnect', listener),
  }
}
