import { EventEmitter } from 'node:events'
import type { Client, Twin } from 'azure-iot-device'
import { HubRefusal, type HubConnection } from '../ports/hub-connection.ts'
import { dropSocket } from './drop-socket.ts'

/** An open client of the SDK as the agent sees it; `lost` as `whenLost` gave it before the client was opened. */
export function toConnection(client: Client, lost: Promise<string>): HubConnection {
  let isGone = false
  let twin: Twin | undefined
  // A new listener is first told of properties that are empty because they were not read yet.
  let isRead = false
  let onDesired: (desired: unknown) => void = () => undefined
  void lost.then(() => {
    isGone = true
  })

  /** A call, so that the compiler does not think that it stays what it was before an await. */
  const hasGone = (): boolean => isGone

  /** Asked for its twin on a lost connection, the SDK would connect again behind the agent's back. */
  async function getTwin(): Promise<Twin> {
    if (isGone) throw new Error('the connection is gone')
    const reading = client.getTwin()
    if (twin === undefined) watchDesired(client, (desired) => isRead && onDesired(desired))
    twin = await reading
    isRead = true
    return twin
  }

  return {
    lost,
    watchDesired(listener) {
      onDesired = listener
    },
    readTwin: async () => (await getTwin()).properties,
    async report(patch) {
      const known = twin ?? (await getTwin())
      if (isGone) throw new Error('the connection is gone')
      try {
        await updateReported(known, patch)
      } catch (cause) {
        // The SDK gives the hub's words and leaves out its code: 429 looks like 400.
        throw hasGone() ? cause : new HubRefusal(textOf(cause), { cause })
      }
    },
    async close() {
      isGone = true
      await closeQuietly(client)
    },
    cut() {
      isGone = true
      dropSocket(client)
      void closeQuietly(client)
    },
  }
}

/** Resolves with the cause when the client has lost its connection. */
export function whenLost(client: Client): Promise<string> {
  return new Promise((resolve) => {
    client.on('disconnect', (cause: unknown) => {
      resolve(`the hub or the network closed the connection${causeOf(cause)}`)
    })
    client.on('error', (error: unknown) => {
      resolve(textOf(error))
    })
  })
}

/** What fails while a connection is thrown away is of no consequence: the next one is another client. */
export async function closeQuietly(client: Client): Promise<void> {
  await client.close().catch(() => undefined)
}

/**
 * Subscribes to the desired properties while the twin is being read, so that no change falls between the two: the SDK
 * makes its twin when the reading begins, and gives it away only at the end.
 */
function watchDesired(client: Client, listener: (desired: unknown) => void): void {
  const twin: unknown = Reflect.get(client, '_twin')
  if (!isTwin(twin)) throw new Error('this version of azure-iot-device keeps its twin elsewhere')
  twin.on('properties.desired', () => {
    listener(twin.properties.desired)
  })
  twin.on('error', (error: unknown) => {
    client.emit('error', error)
  })
}

function isTwin(value: unknown): value is Twin {
  return value instanceof EventEmitter && 'properties' in value
}

/** The SDK keeps the function among the reported properties, which its types leave out. */
interface Updatable {
  update(patch: object, done: (error?: Error | null) => void): void
}

function updateReported(twin: Twin, patch: object): Promise<void> {
  const reported = twin.properties.reported as Updatable
  return new Promise((resolve, reject) => {
    reported.update(patch, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}

function causeOf(cause: unknown): string {
  const error =
    typeof cause === 'object' && cause !== null ? (Reflect.get(cause, 'transportObj') as unknown) : undefined
  return error instanceof Error ? `: ${error.message}` : ''
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
