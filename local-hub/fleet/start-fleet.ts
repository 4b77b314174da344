import { systemClock } from '../hub/clock.ts'
import { demoFleet } from './demo-fleet.ts'
import type { DeviceParts } from './device-parts.ts'
import type { FleetDevice } from './fleet-device.ts'
import type { FleetHub } from './fleet-hub.ts'
import type { FleetSpec } from './fleet-spec.ts'
import type { Network } from './light/line.ts'
import { LightDevice } from './light/light-device.ts'
import { MqttNetwork } from './light/mqtt-network.ts'
import { parseConnectionString } from './parse-connection-string.ts'
import { readScenarioFile } from './read-scenario-file.ts'
import { scenarioOf } from './scenario.ts'
import { devicesOf } from './scenario-devices.ts'
import { seededRandom } from './seeded-random.ts'

export interface Fleet {
  /** Resolves when every device has gone. */
  stop(): Promise<void>
}

export interface FleetOptions {
  /** Told what the devices log, each line with its `device`. */
  readonly log?: DeviceParts['log']
}

interface RegisteredDevice {
  readonly device: FleetDevice
  readonly parts: DeviceParts
}

/** Registered together: a hub that keeps what it is told then writes it together. */
const devicesAtOnce = 500

/** Registers the devices of a fleet and brings them up; resolves when all are registered. Throws RangeError. */
export async function startFleet(hub: FleetHub, spec: FleetSpec, options: FleetOptions = {}): Promise<Fleet> {
  const devices = await registerAll(hub, await devicesOfSpec(spec), options)
  const heavy = devices.filter(({ device }) => device.behaviour.type !== 'light')
  const stopLight = startLight(hub, devices)
  const stop = new AbortController()
  const running = heavy.map(async ({ device, parts }) => {
    await runDevice(device, parts, stop.signal).catch((error: unknown) => {
      parts.log('device-crashed', { problem: error instanceof Error ? error.message : String(error) })
    })
  })
  return {
    async stop() {
      stop.abort()
      await Promise.all([...running, stopLight()])
    },
  }
}

async function devicesOfSpec(spec: FleetSpec): Promise<readonly FleetDevice[]> {
  if ('name' in spec) return demoFleet
  if ('count' in spec) return devicesOf(scenarioOf(spec.count, spec.mix))
  return devicesOf(await readScenarioFile(spec.scenarioFile))
}

async function registerAll(
  hub: FleetHub,
  devices: readonly FleetDevice[],
  { log = () => undefined }: FleetOptions,
): Promise<readonly RegisteredDevice[]> {
  const registered: RegisteredDevice[] = []
  for (let start = 0; start < devices.length; start += devicesAtOnce) {
    const some = devices.slice(start, start + devicesAtOnce)
    const connectionStrings = await Promise.all(
      some.map(({ deviceId, tags }) => hub.createDevice(deviceId, { tags })),
    )
    for (const [index, device] of some.entries()) {
      const connectionString = connectionStrings[index]
      if (connectionString === undefined) throw new Error(`${device.deviceId} was not registered`)
      registered.push({
        device,
        parts: {
          ...{ connectionString, caCertificate: hub.caCertificate, random: seededRandom(start + index + 1) },
          log: (event, fields) => {
            log(event, { device: device.deviceId, ...fields })
          },
        },
      })
    }
  }
  return registered
}

/** Answers what ends them. */
function startLight(hub: FleetHub, devices: readonly RegisteredDevice[]): () => Promise<unknown> {
  let network: Network | undefined
  const started: LightDevice[] = []
  for (const { device, parts } of devices) {
    const { behaviour } = device
    if (behaviour.type !== 'light') continue
    network ??= new MqttNetwork(parts.connectionString, hub.caCertificate)
    const { deviceId, key } = parseConnectionString(parts.connectionString)
    const { kind, fault } = behaviour
    const { random, log } = parts
    const one = new LightDevice({
      identity: { deviceId, key },
      kind,
      fault,
      network,
      clock: systemClock,
      ...{ random, log },
    })
    one.start()
    started.push(one)
  }
  return () => Promise.all(started.map((one) => one.stop()))
}

async function runDevice({ behaviour }: FleetDevice, parts: DeviceParts, signal: AbortSignal): Promise<void> {
  switch (behaviour.type) {
    case 'agent':
      return (await import('./agent-device.ts')).runAgentDevice(parts, behaviour, signal)
    case 'tutorial':
      return (await import('./tutorial-device.ts')).runTutorialDevice(parts, behaviour, signal)
    case 'light':
    case 'absent':
  }
}
