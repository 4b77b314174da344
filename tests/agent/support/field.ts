import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readReported, type RebootReport } from '../../../contract/device/reported.ts'
import { registerDevice } from '../../conformance/support/device.ts'
import { eventually } from '../../conformance/support/eventually.ts'
import { invoke, openService, type MethodResult, type Service } from '../../conformance/support/service.ts'
import { openTarget, type Target } from '../../conformance/support/target.ts'
import { startAgent, type AgentOptions, type AgentProcess } from './agent-process.ts'

/** A hub and the devices in the field that this file's tests start. */
export interface Field {
  readonly target: Target
  readonly service: Service
  newDevice(): Promise<FieldDevice>
  close(): Promise<void>
}

interface FieldDevice {
  readonly deviceId: string
  readonly connectionString: string
  readonly stateFolder: string
  /** Starts the agent on the device, and waits until the hub has heard from it. */
  start(options?: Partial<AgentOptions>): Promise<AgentProcess>
  /** The same, for an agent that may not come that far. */
  launch(options?: Partial<AgentOptions>): Promise<AgentProcess>
  call(payload: unknown): Promise<MethodResult>
  reported(): Promise<ReturnType<typeof readReported>>
  /** The report of this action, when it is there. */
  outcome(actionId: string): Promise<RebootReport>
}

export function request(actionId: string, extra: object = {}): object {
  return { actionId, notAfter: new Date(Date.now() + 600_000).toISOString(), ...extra }
}

export async function openField(): Promise<Field> {
  const target = await openTarget()
  const service = openService(target.connectionString, target.agent)
  const agents: AgentProcess[] = []
  const devices: FieldDevice[] = []
  return {
    ...{ target, service },
    async newDevice() {
      const device = await installDevice({ target, service }, agents)
      devices.push(device)
      return device
    },
    async close() {
      await Promise.all(agents.map((agent) => agent.kill()))
      for (const { deviceId, stateFolder } of devices) {
        await service.registry.delete(deviceId)
        await rm(stateFolder, { recursive: true })
      }
      await target.close()
    },
  }
}

async function installDevice(
  { target, service }: Pick<Field, 'target' | 'service'>,
  agents: AgentProcess[],
): Promise<FieldDevice> {
  const deviceId = `${target.prefix}agent-${randomBytes(4).toString('hex')}`
  const connectionString = await registerDevice(target, service, deviceId)
  const stateFolder = await mkdtemp(join(tmpdir(), 'drover-agent-'))

  async function launch(options: Partial<AgentOptions> = {}): Promise<AgentProcess> {
    const agent = await startAgent({ stateFolder, connectionString, ca: target.ca, ...options })
    agents.push(agent)
    return agent
  }
  async function reported(): Promise<ReturnType<typeof readReported>> {
    const { responseBody } = await service.registry.getTwin(deviceId)
    return readReported((responseBody as { properties: { reported: unknown } }).properties.reported)
  }

  return {
    ...{ deviceId, connectionString, stateFolder, launch, reported },
    async start(options) {
      const agent = await launch(options)
      await agent.waitFor('connected')
      await eventually(reported, ({ agent: who }) => who !== undefined)
      return agent
    },
    call: (payload) => invoke(service, deviceId, { name: 'reboot', payload, responseSeconds: 5 }),
    async outcome(actionId) {
      const { reboot } = await eventually(reported, (report) => report.reboot?.actionId === actionId)
      if (reboot === undefined) throw new Error('the report is gone')
      return reboot
    },
  }
}
