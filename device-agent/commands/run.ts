import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { Action } from '../actions/action.ts'
import { customCommand } from '../actions/custom-command.ts'
import { commandsIn } from '../adapters/command-folder.ts'
import { firmwareUpdateAction } from '../actions/firmware-update.ts'
import { lockFolder } from '../adapters/folder-lock.ts'
import { hostOf } from '../adapters/host-machine.ts'
import { lockFile } from '../adapters/lock-file.ts'
import { machineFile } from '../adapters/machine-disk.ts'
import { runSimulatedMachine } from '../adapters/simulated-machine.ts'
import { stateFile } from '../adapters/state-file.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { systemServiceManager } from '../adapters/systemd.ts'
import { runAgent, type AgentParts } from '../agent.ts'
import type { AgentOptions } from '../options.ts'
import type { Log } from '../ports/log.ts'
import { defaultSettings } from '../settings.ts'
import { systemOf } from '../system.ts'
import { prepareConnection } from './connection.ts'
import { firmwareOf, withFirmware } from './firmware.ts'

export interface RunSurroundings {
  /** From the environment; undefined: the connection string is in the file of the options. */
  readonly connectionString: string | undefined
  readonly log: Log
}

/** Runs the agent until `signal` is aborted. Rejects when it cannot start, or its record cannot be written. */
export async function run(
  options: AgentOptions,
  { connectionString, log }: RunSurroundings,
  signal: AbortSignal,
): Promise<void> {
  const surroundings = { connectionString, environment: process.env, log }
  const { connect, clock, time, network } = await prepareConnection(options, surroundings)
  const release = await lockFolder(options.stateFolder)
  const service = systemServiceManager(log, signal)
  // Ready without a hub: a device that is offline is up all the same, and systemd would give up waiting for it.
  service.ready()
  void time.remember(signal)
  const parts: Omit<AgentParts, 'machine'> = {
    connect,
    store: stateFile(options.stateFolder, log),
    clock,
    log,
    settings: {
      ...defaultSettings,
      connectSpreadMs: options.connection.spreadMs,
      ...(options.rebootPatienceMs !== undefined && { rebootPatienceMs: options.rebootPatienceMs }),
    },
    random: Math.random,
    newActionId: () => `local-${randomUUID()}`,
    lockedBy: lockFile(options.updateLockFile),
    actions: [
      ...(await actionsOf(options, log)),
      firmwareUpdateAction(await firmwareOf(options, { network, clock, log })),
    ],
  }
  try {
    await runOnMachine(parts, options, signal)
    service.stopping()
  } finally {
    release()
  }
}

async function actionsOf(options: AgentOptions, log: Log): Promise<Action[]> {
  const programs = await commandsIn(options.commandsFolder, log)
  return programs.map((program) => customCommand(program, { timeoutMs: options.commandTimeoutMs ?? 300_000 }))
}

async function runOnMachine(
  parts: Omit<AgentParts, 'machine'>,
  options: AgentOptions,
  signal: AbortSignal,
): Promise<void> {
  if (options.simulatedDownMs === undefined) {
    await runAgent({ ...parts, machine: hostOf(systemOf(options)).machine }, signal)
    return
  }
  const simulation = {
    disk: machineFile(join(options.stateFolder, 'simulated-machine.json')),
    clock: systemClock,
    newBootId: randomUUID,
    firmwareVersion: 'simulated 1.0.0',
    downMs: options.simulatedDownMs,
  }
  await runSimulatedMachine(
    simulation,
    (machine, power) => runAgent({ ...parts, machine: withFirmware(machine, options) }, power),
    signal,
  )
}
