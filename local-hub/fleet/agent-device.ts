import { iotHubConnector } from '../../device-agent/adapters/iot-hub-client.ts'
import { machineInMemory } from '../../device-agent/adapters/machine-disk.ts'
import { memoryStore } from '../../device-agent/adapters/memory-store.ts'
import { runSimulatedMachine } from '../../device-agent/adapters/simulated-machine.ts'
import { systemClock } from '../../device-agent/adapters/system-clock.ts'
import { runAgent } from '../../device-agent/agent.ts'
import { defaultSettings } from '../../device-agent/settings.ts'
import type { Behaviour } from './fleet-device.ts'
import type { DeviceParts } from './device-parts.ts'
import { seededUuid } from './seeded-random.ts'

/** Runs the real agent on a simulated machine until `signal` is aborted. */
export async function runAgentDevice(
  parts: DeviceParts,
  behaviour: Extract<Behaviour, { type: 'agent' }>,
  signal: AbortSignal,
): Promise<void> {
  const { connectionString, caCertificate, random, log } = parts
  const agent = {
    connect: iotHubConnector({ connectionString, caCertificate, log }),
    store: memoryStore(),
    clock: systemClock,
    log,
    settings: defaultSettings,
    random,
    newActionId: () => `local-${seededUuid(random)}`,
  }
  const machine = {
    disk: machineInMemory(),
    clock: systemClock,
    newBootId: () => seededUuid(random),
    firmwareVersion: behaviour.firmwareVersion,
    downMs: behaviour.downMs,
  }
  await runSimulatedMachine(
    machine,
    (booted, power) => runAgent({ ...agent, machine: booted }, power),
    signal,
  )
}
