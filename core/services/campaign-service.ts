import type { AppApi } from '../../contract/app/api.ts'
import { CampaignFile } from '../../contract/app/campaign-file.ts'
import type { ActionId, DeviceId, HubId } from '../../contract/app/ids.ts'
import type { Saved } from '../../contract/app/journal.ts'
import { fault } from '../../contract/faults.ts'
import type { Handlers } from '../../contract/rpc/contract.ts'
import { azCommands, type AzCommands } from '../domain/az-command.ts'
import { readJsonFile } from '../domain/json-place.ts'
import { rulesFor } from '../domain/kinds/rules.ts'
import { mostRehearsed, rehearsalAction, rehearsalDevices, rehearsalScenario } from '../domain/rehearsal.ts'
import type { Clock } from '../ports/clock.ts'
import type { Desktop, FileKind } from '../ports/desktop.ts'
import type { ActionService } from './action-service.ts'
import type { ActionStore } from './action-store.ts'
import type { FleetService } from './fleet-service.ts'
import type { HubService } from './hub-service.ts'

interface CampaignTools {
  readonly store: ActionStore
  readonly hubs: HubService
  readonly fleet: FleetService
  readonly actions: ActionService
  readonly desktop: Desktop
  readonly clock: Clock
}

/** How long simulated devices may take to connect; the rehearsal begins without the rest. Milliseconds. */
const connectingMs = 120_000

const fileKind: FileKind = { name: 'Drover campaign', extension: 'json' }

/** Campaigns as files: what is reviewed, kept, and run again. */
export class CampaignService {
  readonly #tools: CampaignTools

  constructor(tools: CampaignTools) {
    this.#tools = tools
  }

  /** What the window asks about campaigns. */
  get handlers(): Handlers<AppApi>['campaigns'] {
    return {
      save: (campaign) => this.save(campaign),
      open: () => this.open(),
      ofAction: ({ actionId }) => Promise.resolve().then(() => this.ofAction(actionId)),
      commandLine: ({ campaign, hubId }) =>
        Promise.resolve().then(() => {
          const { commands, notes } = this.commandLine(campaign, hubId)
          return { commands, notes: [...notes] }
        }),
      rehearse: ({ campaign, faultShare }, signal) => this.rehearse(campaign, faultShare, signal),
    }
  }

  async save(campaign: CampaignFile): Promise<Saved> {
    const text = `${JSON.stringify(campaign, undefined, 2)}\n`
    const suggestedName = `${fileName(campaign.name)}.${fileKind.extension}`
    const saved = await this.#tools.desktop.saveFile({ suggestedName, kind: fileKind, content: [text] })
    return saved === undefined ? { isSaved: false } : { isSaved: true, fileName: saved }
  }

  /** Errors: `invalid-input`, naming the line of the mistake. */
  async open(): Promise<{ campaign?: CampaignFile }> {
    const file = await this.#tools.desktop.openFile(fileKind)
    return file ? { campaign: readJsonFile(CampaignFile, file) } : {}
  }

  /** Errors: `not-found`, `conflict` for a restore. */
  ofAction(actionId: ActionId): CampaignFile {
    const { started } = this.#tools.store.get(actionId)
    const { name, parameters, engine, deadlineMs, policy, deviceIds } = started
    if (parameters.kind === 'restore') throw fault('restore-is-no-campaign')
    return {
      format: 'drover-campaign',
      version: 1,
      name: name ?? `${parameters.kind} ${started.at.slice(0, 10)}`,
      parameters,
      engine: engine ?? 'methods',
      deadlineMs,
      ...(policy ? { policy } : {}),
      deviceIds,
    }
  }

  /** Errors: `invalid-input` for parameters that cannot be sent: a patch that is none could end early, and begin another. */
  commandLine(campaign: CampaignFile, hubId: HubId): AzCommands {
    rulesFor(campaign.parameters)
    const { hostName } = this.#tools.hubs.profile(hubId)
    return azCommands(campaign, hostName.split('.')[0] ?? hostName)
  }

  /**
   * Runs the campaign on a hub of its own on this machine, over as many simulated devices, beside the demo; an earlier
   * rehearsal ends.
   * Errors: `invalid-input` for more devices than it can simulate; why the hub did not start; those of starting.
   */
  async rehearse(
    campaign: CampaignFile,
    faultShare: number,
    signal: AbortSignal,
  ): Promise<{ hubId: HubId; actionId: ActionId }> {
    const { hubs, actions, clock } = this.#tools
    if (campaign.deviceIds.length > mostRehearsed) throw fault('rehearsal-too-large', { most: mostRehearsed })
    if (hubs.rehearsal) await actions.cancelOnHub(hubs.rehearsal)
    const { hubId, name } = await hubs.rehearseOn(rehearsalScenario(campaign, faultShare))
    try {
      const wanted = { deviceIds: rehearsalDevices(campaign), share: (1 - faultShare) * 0.95 }
      await this.#untilConnected(hubId, wanted, signal)
      signal.throwIfAborted()
      const action = rehearsalAction(campaign, { hubId, name }, clock.now())
      return { hubId, ...(await actions.start(action, signal)) }
    } catch (error) {
      // Nobody rehearses here: its devices are of no use.
      if (hubs.rehearsal === hubId) await hubs.remove(hubId)
      throw error
    }
  }

  /** Waits until so many of the devices are there: a share of those that misbehave never is. */
  async #untilConnected(
    hubId: HubId,
    { deviceIds, share }: { readonly deviceIds: readonly DeviceId[]; readonly share: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { fleet, clock } = this.#tools
    const until = clock.now().getTime() + connectingMs
    const leaving = new AbortController()
    const either = AbortSignal.any([signal, leaving.signal])
    try {
      for await (const { state } of fleet.watch(hubId, either)) {
        const connected = deviceIds.filter((id) => fleet.rowOf(hubId, id)?.isConnected).length
        if (state.kind === 'ready' && connected >= deviceIds.length * share) return
        if (clock.now().getTime() > until) return
      }
    } finally {
      leaving.abort()
    }
  }
}

/** A name that every file system takes. */
function fileName(name: string): string {
  const plain = name
    .replaceAll(/[^\p{L}\p{N}_-]+/gu, ' ')
    .trim()
    .slice(0, 64)
  return plain === '' ? 'campaign' : plain
}
