import { machineInMemory } from '../adapters/machine-disk.ts'
import { memoryStore } from '../adapters/memory-store.ts'
import { runSimulatedMachine, type Program } from '../adapters/simulated-machine.ts'
import type { Action } from '../actions/action.ts'
import { runAgent } from '../agent.ts'
import { readArmedAnswer } from '../../contract/device/factory-reset.ts'
import { readReported, type DeviceReport } from '../../contract/device/reported.ts'
import type { FactoryReset } from '../ports/machine.ts'
import type { StateStore } from '../ports/state-store.ts'
import { defaultSettings, type AgentSettings } from '../settings.ts'
import { fakeClock, settle, type FakeClock } from './fake-clock.ts'
import { FakeHub } from './fake-hub.ts'

export interface SimulatedDevice {
  readonly hub: FakeHub
  readonly clock: FakeClock
  readonly store: StateStore
  /** How often the machine was ordered to reboot. */
  readonly reboots: () => number
  /** The reasons with which it was. */
  readonly orders: readonly string[]
  readonly events: readonly string[]
  report(): DeviceReport
  /** Calls `reboot` with this payload, or with a valid one of this action id. */
  reboot(payload: unknown): ReturnType<FakeHub['call']>
  /** Arms and executes a factory reset. */
  factoryReset(actionId: string): ReturnType<FakeHub['call']>
  /** How often what the machine holds was wiped. */
  wipes(): Promise<number>
  cancel(actionId: string): ReturnType<FakeHub['call']>
  /** Ends the agent and starts it again on the same machine, as a supervisor does. */
  restartAgent(): Promise<void>
  /** Ends the agent, and has the machine start anew before the agent does. */
  cutPower(): Promise<void>
  /** Rejects when the agent ended by itself. */
  stop(): Promise<void>
  startAgain(): Promise<void>
}

export interface SimulatedDeviceOptions {
  readonly downMs?: number
  readonly settings?: Partial<AgentSettings>
  readonly store?: StateStore
  /** Replaces what the machine does when it is ordered to reboot. */
  readonly onReboot?: () => Promise<void>
  readonly refusal?: string
  /** Whether the process of the agent is dead and has not noticed: what it orders is not done any more. */
  readonly isDead?: () => boolean
  /** What it can do beside rebooting. */
  readonly actions?: readonly Action[]
  /** Replaces the boot id that the machine tells. */
  readonly bootId?: () => Promise<string>
  readonly onForcedReboot?: () => Promise<void>
  /** Replaces the factory reset of the machine, or takes it away. */
  readonly reset?: (reset: FactoryReset | undefined) => FactoryReset | undefined
  /** Whether the device itself is locked, and why. */
  readonly lockedBy?: () => Promise<string | undefined>
}

export function validPayload(actionId: string, extra: object = {}): object {
  return { actionId, notAfter: '2026-01-01T01:00:00Z', ...extra }
}

/** The whole agent on a simulated machine, with a hub and a time that the test holds in its hand. */
export async function startSimulatedDevice(options: SimulatedDeviceOptions = {}): Promise<SimulatedDevice> {
  const world = newWorld(options)
  let running = startAgent(world, options)

  async function stop(): Promise<void> {
    running.stop.abort()
    await running.ended
  }
  async function startAgain(): Promise<void> {
    running = startAgent(world, options)
    await settle()
  }
  await settle()

  const { hub, clock, store, events } = world
  return {
    ...{ hub, clock, store, events, stop, startAgain },
    reboots: () => world.orders.length,
    orders: world.orders,
    report: () => readReported(hub.reported),
    reboot: (payload) => hub.call('reboot', typeof payload === 'string' ? validPayload(payload) : payload),
    async factoryReset(actionId) {
      const armed = await hub.call('factoryReset', validPayload(actionId, { phase: 'arm' }))
      const nonce = readArmedAnswer(armed.payload)?.nonce
      if (nonce === undefined) return armed
      return hub.call('factoryReset', validPayload(actionId, { phase: 'execute', nonce }))
    },
    wipes: async () => (await world.disk.read())?.wipes ?? 0,
    cancel: (actionId) => hub.call('cancelAction', { actionId }),
    async cutPower() {
      await stop().catch(() => undefined)
      // The machine is down for no time at all.
      const record = await world.disk.read()
      if (record !== undefined) await world.disk.write({ ...record, downSince: -Infinity })
    },
    async restartAgent() {
      await stop()
      await startAgain()
    },
  }
}

/** What outlives the agent. */
function newWorld(options: SimulatedDeviceOptions) {
  const events: string[] = []
  const store = options.store ?? memoryStore()
  return {
    hub: new FakeHub(),
    clock: fakeClock(),
    store,
    disk: machineInMemory(),
    events,
    boots: 0,
    orders: [] as string[],
    ids: 0,
  }
}

function startAgent(world: ReturnType<typeof newWorld>, options: SimulatedDeviceOptions) {
  const { hub, clock, store, disk, events } = world
  const stop = new AbortController()
  const machineOptions = {
    ...{ disk, clock, firmwareVersion: '1.0', downMs: options.downMs ?? 5_000 },
    newBootId: () => `boot-${++world.boots}`,
  }
  const parts = {
    ...{ connect: hub.connect, store, clock, random: () => 0.5 },
    log: (event: string) => void events.push(event),
    settings: { ...defaultSettings, ...options.settings },
    newActionId: () => `local-${++world.ids}`,
    ...(options.lockedBy && { lockedBy: options.lockedBy }),
    ...(options.actions && { actions: options.actions }),
  }
  const program: Program = (machine, power) => {
    const reboot = (reason: string) => {
      if (options.isDead?.() === true) return new Promise<never>(() => undefined)
      world.orders.push(reason)
      return options.onReboot?.() ?? machine.reboot(reason)
    }
    const { reset: own, ...bare } = machine
    const reset = options.reset === undefined ? own : options.reset(own)
    const changed = {
      ...{ ...bare, refusal: options.refusal, reboot },
      ...(reset && { reset }),
      ...(options.bootId && { bootId: options.bootId }),
      ...(options.onForcedReboot && { forceReboot: options.onForcedReboot }),
    }
    return runAgent({ ...parts, machine: changed }, power)
  }
  const ended = runSimulatedMachine(machineOptions, program, stop.signal)
  // Whether it ended well is asked at the stop.
  ended.catch(() => undefined)
  return { stop, ended }
}
