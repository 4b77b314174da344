import type { FleetSpec, HubProcessOptions } from './hub-messages.ts'
import { LocalHub } from './local-hub.ts'

/** A hub and, where one was asked for, its fleet. */
export interface RunningHub {
  readonly hub: LocalHub
  stop(): Promise<void>
}

/** Throws what `LocalHub.start` throws; a fleet that fails takes its hub with it. */
export async function startHubAndFleet({ fleet, ...options }: HubProcessOptions): Promise<RunningHub> {
  const hub = await LocalHub.start(options)
  try {
    const running = fleet && (await startFleetOn(hub, fleet))
    return {
      hub,
      async stop() {
        await running?.stop()
        await hub.stop()
      },
    }
  } catch (error) {
    await hub.stop()
    throw error
  }
}

/** Loaded when it is asked for: a hub without a fleet needs no agent. */
async function startFleetOn(hub: LocalHub, spec: FleetSpec): Promise<{ stop(): Promise<void> }> {
  const { startFleet } = await import('./fleet/start-fleet.ts')
  return startFleet(hub, spec)
}
