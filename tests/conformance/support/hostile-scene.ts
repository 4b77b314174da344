import { Agent } from 'node:https'
import type { Client } from 'azure-iot-device'
import { LocalHub } from '../../../local-hub/local-hub.ts'
import { closeDevice, handleMethod, openDevice } from './device.ts'
import { invoke, openService } from './service.ts'
import type { Service } from './service.ts'

/** A hub in this process, so that what it calls a bug is seen, with a genuine device that works all the while. */
export interface HostileScene {
  readonly hub: LocalHub
  readonly service: Service
  /** Reaches the HTTPS port. */
  readonly agent: Agent
  /** Throws when the genuine device does not answer, or the hub has met a bug of its own. */
  assertUnharmed(): Promise<void>
  close(): Promise<void>
}

export async function openHostileScene(): Promise<HostileScene> {
  const bugs: unknown[] = []
  const hub = await LocalHub.start({ onBug: (error) => void bugs.push(error) })
  const { hostName, httpsPort: port, caCertificate: ca } = hub
  const agent = new Agent({
    keepAlive: true,
    maxSockets: 16,
    host: '127.0.0.1',
    port,
    servername: hostName,
    ca,
  })
  const service = openService(hub.serviceConnectionString(), agent)
  const genuine = await openGenuineDevice(hub)
  let disconnections = 0
  genuine.on('disconnect', () => (disconnections += 1))
  return {
    hub,
    service,
    agent,
    async assertUnharmed() {
      if (bugs.length > 0) throw new AggregateError(bugs, 'The hub met bugs of its own.')
      if (disconnections > 0) throw new Error('The genuine device was disconnected.')
      await invoke(service, 'genuine', { name: 'echo', payload: 1, responseSeconds: 5 })
    },
    async close() {
      await closeDevice(genuine)
      agent.destroy()
      await hub.stop()
    },
  }
}

async function openGenuineDevice(hub: LocalHub): Promise<Client> {
  const connectionString = await hub.createDevice('genuine')
  const client = await openDevice({ ca: hub.caCertificate }, connectionString)
  await handleMethod(client, 'echo', (payload) => ({ status: 200, payload }))
  return client
}

/** Runs the work for each number from 0, so many at once. */
export async function forEachAtOnce(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) {
      next += 1
      await work(next - 1)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
