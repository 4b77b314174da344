import type { FaultPlan } from './faults/fault-plan.ts'
import type { FleetSpec } from './fleet/fleet-spec.ts'
import type { HubProcessOptions } from './hub-messages.ts'
import { LocalHub } from './local-hub.ts'
import { readNamedFile } from './read-named-file.ts'

/** A hub and, where one was asked for, its fleet. */
export interface RunningHub {
  readonly hub: LocalHub
  stop(): Promise<void>
}

/** Throws what `LocalHub.start` and `readFaultFile` throw; a fleet that fails takes its hub with it. */
export async function startHubAndFleet({
  fleet,
  faultsFile,
  deviceCaFile,
  ...options
}: HubProcessOptions): Promise<RunningHub> {
  const faults = faultsFile === undefined ? {} : { faults: await readFaults(faultsFile) }
  const fromFile = deviceCaFile === undefined ? [] : [await readNamedFile(deviceCaFile)]
  const deviceAuthorities = [...(options.deviceAuthorities ?? []), ...fromFile]
  const hub = await LocalHub.start({ ...options, ...faults, deviceAuthorities })
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

async function readFaults(file: string): Promise<FaultPlan> {
  const { readFaultFile } = await import('./faults/read-fault-file.ts')
  return readFaultFile(file)
}

/** Loaded when it is asked for: a hub without a fleet needs no agent. */
async function startFleetOn(hub: LocalHub, spec: FleetSpec): Promise<{ stop(): Promise<void> }> {
  const { startFleet } = await import('./fleet/start-fleet.ts')
  return startFleet(hub, spec)
}
