import type { Clock } from '../ports/clock.ts'
import { powerCut, type Machine } from '../ports/machine.ts'

/** What survives without power. */
export interface MachineRecord {
  readonly bootId: string
  /** Milliseconds since 1970. */
  readonly bootedAt: number
  /** Since when the machine is down, if it is. */
  readonly downSince?: number | undefined
  /** How often what it holds was wiped. */
  readonly wipes?: number | undefined
}

export interface MachineDisk {
  /** Undefined on a machine that never ran. */
  read(): Promise<MachineRecord | undefined>
  write(record: MachineRecord): Promise<void>
}

export interface SimulatedMachineOptions {
  readonly disk: MachineDisk
  readonly clock: Clock
  readonly newBootId: () => string
  readonly firmwareVersion: string
  /** How long a reboot takes; `Infinity` for a machine that never returns. */
  readonly downMs: number
}

/** Runs what the machine runs, from one boot to the abort of `power`; the reason is `powerCut` when it loses power. */
export type Program = (machine: Machine, power: AbortSignal) => Promise<void>

/**
 * A machine that is only a record and a timer. Its reboot cuts the power of the program that runs on it, keeps it
 * down, and starts it again with another boot id. Resolves when `signal` is aborted and the program has ended.
 */
export async function runSimulatedMachine(
  options: SimulatedMachineOptions,
  program: Program,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const record = await bootUp(options, signal)
    if (record === undefined) return
    const power = new AbortController()
    await program(toMachine(options, record, power), AbortSignal.any([signal, power.signal]))
    // A program that ends by itself leaves its machine on: only a reboot starts it again.
    if (!power.signal.aborted) return
  }
}

/** Undefined when it was stopped before it was up. */
async function bootUp(
  options: SimulatedMachineOptions,
  signal: AbortSignal,
): Promise<MachineRecord | undefined> {
  const { disk, clock, newBootId, downMs } = options
  const last = await disk.read()
  if (last !== undefined && last.downSince === undefined) return last
  if (last?.downSince !== undefined) {
    const isUp = await clock.sleep(last.downSince + downMs - clock.now(), signal).then(
      () => true,
      () => false,
    )
    if (!isUp) return undefined
  }
  const { downSince: _, ...kept } = last ?? {}
  const record = { ...kept, bootId: newBootId(), bootedAt: clock.now() }
  await disk.write(record)
  return record
}

function toMachine(options: SimulatedMachineOptions, record: MachineRecord, power: AbortController): Machine {
  let current = record
  return {
    platform: 'simulated',
    refusal: undefined,
    bootId: () => Promise.resolve(record.bootId),
    bootedAt: () => Promise.resolve(new Date(record.bootedAt)),
    firmwareVersion: () => Promise.resolve(options.firmwareVersion),
    async reboot() {
      await options.disk.write({ ...current, downSince: options.clock.now() })
      power.abort(powerCut)
    },
    reset: {
      ...{ wipes: ['simulated data'], keeps: ['identity', 'network'], willReturn: true },
      async wipe() {
        current = { ...current, wipes: (current.wipes ?? 0) + 1 }
        await options.disk.write(current)
      },
    },
  }
}
