import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeptIdentity } from '../../../local-hub/store/hub-identity.ts'
import { valuesOf } from '../../../local-hub/store/change.ts'
import { ChangeLog } from '../../../local-hub/store/change-log.ts'
import { newPolicies } from '../../../local-hub/security/policies.ts'
import { startHubProcess, type HubProcess } from '../../conformance/support/hub-process.ts'
import { openService, type Service } from '../../conformance/support/service.ts'
import { localAgent, type Target } from '../../conformance/support/target.ts'

/** Quick devices: what a story is about is never how long a restart takes. */
const scenario = {
  groups: [
    { count: 4, dialect: 'agent', namePrefix: 'pump-', downSeconds: [1, 1], phaseSeconds: 0.3 },
    { count: 2, dialect: 'agent', namePrefix: 'valve-', faults: { refuses: 1 } },
  ],
}

/** A hub of somebody else's, as far as the app knows: in a process of its own, added by its connection string. */
export class HubStory {
  readonly #folder: string
  #process: HubProcess

  private constructor(folder: string, process: HubProcess) {
    this.#folder = folder
    this.#process = process
  }

  static async start(): Promise<HubStory> {
    const folder = await mkdtemp(join(tmpdir(), 'drover-hub-story-'))
    const scenarioFile = join(folder, 'scenario.json')
    await writeFile(scenarioFile, JSON.stringify(scenario))
    const options = { dataFolder: join(folder, 'data'), fleet: { scenarioFile } }
    return new HubStory(folder, await startHubProcess(options))
  }

  get process(): HubProcess {
    return this.#process
  }

  /** What is pasted into the app. */
  get toAdd(): { connectionString: string; name: string; extraCa: string } {
    const { connectionStrings, httpsPort, caCertificate } = this.#process
    const connectionString = `${connectionStrings.serviceAndRegistryRead};GatewayHostName=localhost:${httpsPort}`
    return { connectionString, name: 'Plant', extraCa: caCertificate }
  }

  /** What a device of the genuine SDK connects to. */
  get target(): Pick<Target, 'ca' | 'gateway'> {
    const { caCertificate, mqttsPort } = this.#process
    return { ca: caCertificate, gateway: `;GatewayHostName=localhost:${mqttsPort}` }
  }

  /** The genuine service SDK, with the owner's key. */
  service(): Service {
    return openService(this.#process.connectionString, localAgent(this.#process))
  }

  /** The hub comes back at the same place, with the same devices, and with other keys for its policies. */
  async renewKeys(): Promise<void> {
    const { httpsPort, mqttsPort } = this.#process
    await this.#process.stop()
    const dataFolder = join(this.#folder, 'data')
    const log = await ChangeLog.open({ folder: dataFolder, onFailure: () => undefined })
    const [kept] = [...valuesOf(log.kept, 'identity')] as KeptIdentity[]
    if (!kept) throw new Error('The hub has kept no identity.')
    const policyKeys = Object.fromEntries([...newPolicies().values()].map(({ name, key }) => [name, key]))
    log.put({ kind: 'identity', key: 'hub', value: { ...kept, policyKeys } })
    await log.settled()
    await log.close()
    const scenarioFile = join(this.#folder, 'scenario.json')
    this.#process = await startHubProcess({ dataFolder, httpsPort, mqttsPort, fleet: { scenarioFile } })
  }

  async stop(): Promise<void> {
    await this.#process.stop()
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
