import { Agent } from 'node:https'
import { LocalHub } from '../../../local-hub/local-hub.ts'
import { openService } from './service.ts'
import type { Service } from './service.ts'
import { openWitness } from './witness.ts'

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
  const target = { ca, gateway: `;GatewayHostName=localhost:${hub.mqttsPort}` }
  const witness = await openWitness(target, service, 'genuine')
  return {
    hub,
    service,
    agent,
    async assertUnharmed() {
      if (bugs.length > 0) throw new AggregateError(bugs, 'The hub met bugs of its own.')
      await witness.assertUnharmed()
    },
    async close() {
      await witness.close()
      agent.destroy()
      await hub.stop()
    },
  }
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
