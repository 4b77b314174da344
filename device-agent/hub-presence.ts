/** Whether the agent is connected to its hub, by the only proof: the hub has answered on this connection. */
export interface HubPresence {
  readonly isConnected: boolean
  /** Resolves when it is, at once or later. Rejects when aborted. */
  whenConnected(signal: AbortSignal): Promise<void>
  enter(): void
  leave(): void
}

export function newHubPresence(): HubPresence {
  let isConnected = false
  const waiting = new Set<() => void>()
  return {
    get isConnected() {
      return isConnected
    },
    whenConnected(signal) {
      if (isConnected) return Promise.resolve()
      const { promise, resolve, reject } = Promise.withResolvers<undefined>()
      const onAbort = () => {
        reject(new Error('stopped'))
      }
      const wake = () => {
        resolve(undefined)
      }
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.add(wake)
      return promise.finally(() => {
        signal.removeEventListener('abort', onAbort)
        waiting.delete(wake)
      })
    },
    enter() {
      isConnected = true
      for (const wake of waiting) wake()
    },
    leave() {
      isConnected = false
    },
  }
}
