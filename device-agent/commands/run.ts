import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  isReadableByOthers,
  readConnectionStringFile,
  validConnectionString,
} from '../adapters/connection-string-file.ts'
import { lockFolder } from '../adapters/folder-lock.ts'
import { iotHubConnector } from '../adapters/iot-hub-client.ts'
import { linuxMachine, thisSystem } from '../adapters/linux-machine.ts'
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

export interface RunSurroundings {
  /** From the environment; undefined: the connection string is in the file of the options. */
  readonly connectionString: string | undefined
  readonly log: Log
}

/** Runs the agent until `signal` is aborted. Rejects when it cannot start, or its record cannot be written. */
export async function run(
  options: AgentOptions,
  { connectionString: given, log }: RunSurroundings,
  signal: AbortSignal,
): Promise<void> {
  const connectionString =
    given === undefined ? await readConnection(options, log) : validConnectionString(given)
  const caCertificate = options.caFile === undefined ? undefined : await readFile(options.caFile, 'utf8')
  const release = await lockFolder(options.stateFolder)
  const service = systemServiceManager(log, signal)
  // Ready without a hub: a device that is offline is up all the same, and systemd would give up waiting for it.
  service.ready()
  const parts: Omit<AgentParts, 'machine'> = {
    connect: iotHubConnector({ connectionString, caCertificate, log }),
    store: stateFile(options.stateFolder, log),
    clock: systemClock,
    log,
    settings: {
      ...defaultSettings,
      ...(options.rebootPatienceMs !== undefined && { rebootPatienceMs: options.rebootPatienceMs }),
    },
    random: Math.random,
    newActionId: () => `local-${randomUUID()}`,
    lockedBy: lockFile(options.updateLockFile),
  }
  try {
    await runOnMachine(parts, options, signal)
    service.stopping()
  } finally {
    release()
  }
}

async function runOnMachine(
  parts: Omit<AgentParts, 'machine'>,
  options: AgentOptions,
  signal: AbortSignal,
): Promise<void> {
  if (options.simulatedDownMs === undefined) {
    await runAgent({ ...parts, machine: linuxMachine(thisSystem(options.helperSocket)) }, signal)
    return
  }
  const simulation = {
    disk: machineFile(join(options.stateFolder, 'simulated-machine.json')),
    clock: systemClock,
    newBootId: randomUUID,
    firmwareVersion: 'simulated 1.0.0',
    downMs: options.simulatedDownMs,
  }
  await runSimulatedMachine(simulation, (machine, power) => runAgent({ ...parts, machine }, power), signal)
}

async function readConnection({ connectionStringFile: file }: AgentOptions, log: Log): Promise<string> {
  if (await isReadableByOthers(file).catch(() => false)) log('connection-string-exposed', { file })
  try {
    return await readConnectionStringFile(file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    const ways = 'drover-agent provision, --connection-string-file or DROVER_CONNECTION_STRING'
    throw new Error(`there is no connection string in ${file}; give one with ${ways}`, { cause: error })
  }
}
