import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { iotHubConnector } from '../../../device-agent/adapters/iot-hub-client.ts'
import { jsonLog } from '../../../device-agent/adapters/json-log.ts'
import { machineFile } from '../../../device-agent/adapters/machine-disk.ts'
import { runSimulatedMachine } from '../../../device-agent/adapters/simulated-machine.ts'
import { stateFile } from '../../../device-agent/adapters/state-file.ts'
import { systemClock } from '../../../device-agent/adapters/system-clock.ts'
import { runAgent } from '../../../device-agent/agent.ts'
import { readCommandLine } from '../../../device-agent/command-line.ts'
import { stateOf, type AgentState } from '../../../device-agent/domain/agent-state.ts'
import { toOptions } from '../../../device-agent/options.ts'
import { defaultSettings } from '../../../device-agent/settings.ts'

/**
 * The agent put together as its `main.ts` does, but for one thing: at the step that KILL_AT names it dies by SIGKILL.
 * A step is a durable write (`before:accepted`, `after:accepted`, ...) or the reboot command itself
 * (`before:command`, `after:command`).
 */
const command = readCommandLine(process.argv.slice(2))
const killAt = process.env['KILL_AT'] ?? ''
if (command.kind !== 'run') throw new Error('this agent can only run')
const options = toOptions(command.settings)

const log = jsonLog((line) => process.stderr.write(line))
const store = stateFile(options.stateFolder, log)
const caCertificate = options.caFile === undefined ? undefined : await readFile(options.caFile, 'utf8')
const parts = {
  connect: iotHubConnector({
    connectionString: process.env['DROVER_CONNECTION_STRING'] ?? '',
    caCertificate,
    log,
  }),
  store: {
    load: () => store.load(),
    save: (state: AgentState) => surviving(stepOf(state), () => store.save(state)),
  },
  clock: systemClock,
  log,
  settings: {
    ...defaultSettings,
    rebootPatienceMs: options.rebootPatienceMs ?? defaultSettings.rebootPatienceMs,
  },
  random: Math.random,
  newActionId: () => `local-${randomUUID()}`,
}
const simulation = {
  disk: machineFile(join(options.stateFolder, 'simulated-machine.json')),
  clock: systemClock,
  newBootId: randomUUID,
  firmwareVersion: 'simulated 1.0.0',
  downMs: options.simulatedDownMs ?? 0,
}
const forEver = new AbortController().signal
await runSimulatedMachine(
  simulation,
  (machine, power) => {
    const reboot = (reason: string) => surviving('command', () => machine.reboot(reason))
    return runAgent({ ...parts, machine: { ...machine, reboot } }, power)
  },
  forEver,
)

function stepOf(state: AgentState): string {
  if (state.running !== undefined) return stateOf(state.running)
  if (state.finished.length === 0) return 'started'
  return state.unreported.length === 0 ? 'acknowledged' : 'finished'
}

async function surviving(step: string, work: () => Promise<void>): Promise<void> {
  if (killAt === `before:${step}`) process.kill(process.pid, 'SIGKILL')
  await work()
  if (killAt === `after:${step}`) process.kill(process.pid, 'SIGKILL')
}
