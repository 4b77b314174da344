import { runAgentDevice } from './agent-device.ts'
import { demoFleet, type FleetDevice } from './demo-fleet.ts'
import type { DeviceParts } from './device-parts.ts'
import type { FleetHub } from './fleet-hub.ts'
import { seededRandom } from './seeded-random.ts'
import { runTutorialDevice } from './tutorial-device.ts'

export interface FleetSpec {
  readonly name: 'demo'
}

export interface Fleet {
  /** Resolves when every device has gone. */
  stop(): Promise<void>
}

export interface FleetOptions {
  /** Told what the devices log, each line with its `device`. */
  readonly log?: DeviceParts['log']
}

const fleets = { demo: demoFleet } satisfies Record<FleetSpec['name'], readonly FleetDevice[]>

/** Registers the devices of a fleet and brings them up; resolves when all are registered. */
export async function startFleet(hub: FleetHub, spec: FleetSpec, options: FleetOptions = {}): Promise<Fleet> {
  const stop = new AbortController()
  const { log = () => undefined } = options
  const devices = fleets[spec.name]
  const connectionStrings = await Promise.all(
    devices.map(({ deviceId, tags }) => hub.createDevice(deviceId, { tags })),
  )
  const running = devices.map(async (device, index) => {
    const connectionString = connectionStrings[index]
    if (connectionString === undefined) throw new Error(`${device.deviceId} was not registered`)
    const parts: DeviceParts = {
      ...{ connectionString, caCertificate: hub.caCertificate, random: seededRandom(index + 1) },
      log: (event, fields) => {
        log(event, { device: device.deviceId, ...fields })
      },
    }
    await runDevice(device, parts, stop.signal).catch((error: unknown) => {
      parts.log('device-crashed', { problem: error instanceof Error ? error.message : String(error) })
    })
  })
  return {
    async stop() {
      stop.abort()
      await Promise.all(running)
    },
  }
}

async function runDevice({ behaviour }: FleetDevice, parts: DeviceParts, signal: AbortSignal): Promise<void> {
  switch (behaviour.type) {
    case 'agent':
      return runAgentDevice(parts, behaviour, signal)
    case 'tutorial':
      return runTutorialDevice(parts, behaviour, signal)
    case 'absent':
  }
}
