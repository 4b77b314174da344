import type { HubSettings, HubTier } from '../../contract/app/hub.ts'
import type { DeviceId } from '../../contract/app/ids.ts'
import type { Preflight, PreflightRequest, Verdict } from '../../contract/app/preflight.ts'
import { estimate } from '../domain/estimate.ts'
import { isRestart } from '../domain/dialects/recognise.ts'
import { drover } from '../domain/dialects/drover.ts'
import { utf8Bytes } from '../domain/json.ts'
import { rulesFor, verdictOf } from '../domain/kinds/rules.ts'
import { planJobs, type PlannedJob } from '../domain/job-plan.ts'
import { assumedTier, blocksOf, quotaOf } from '../domain/quota.ts'
import { warningsOf, type Risked } from '../domain/warnings.ts'
import { checkPolicy } from '../domain/action-check.ts'
import { ActionId } from '../../contract/app/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { ActionStore } from './action-store.ts'
import type { KnownDevice } from './fleet.ts'
import type { FleetService } from './fleet-service.ts'
import type { HubPaces } from './hub-paces.ts'
import { RestoreLook, restoreView, type SeenRestoration } from './restore-look.ts'
import type { HubService } from './hub-service.ts'

interface PreflightTools {
  readonly store: ActionStore
  readonly fleet: FleetService
  readonly hubs: HubService
  readonly paces: HubPaces
  readonly clock: Clock
}

interface Judged {
  readonly deviceId: DeviceId
  readonly verdict: Verdict
  readonly known: KnownDevice | undefined
  readonly seen: SeenRestoration | undefined
}

/** What would happen to each device, from what is known; only for a restore anything is asked of the hub. */
export class PreflightService {
  readonly #tools: PreflightTools
  readonly #restoreLook: RestoreLook

  constructor(tools: PreflightTools) {
    this.#tools = tools
    this.#restoreLook = new RestoreLook(tools)
  }

  /** Errors: `invalid-input` for parameters or a policy that cannot be; for a restore those of the hub. */
  async preflight(request: PreflightRequest, signal: AbortSignal): Promise<Preflight> {
    const { hubs, clock } = this.#tools
    rulesFor(request.parameters)
    checkPolicy(request.policy, clock.now())
    const { name, settings } = hubs.profile(request.hubId)
    const seen = await this.#restoreLook.take(request, signal)
    const judged = [...new Set(request.deviceIds)].map((deviceId) =>
      this.#judge(request, deviceId, seen.get(deviceId)),
    )
    const asked = judged.filter(({ verdict }) => isAsked(verdict, request))
    const tier = settings.tier ?? assumedTier
    const { kind } = request.parameters
    const { engine = 'methods' } = request
    // A job asks all its devices, whatever the policy says of waves and pace.
    const policy = engine === 'job' ? undefined : request.policy
    const cost = estimate({
      kind,
      tier,
      engine,
      policy,
      devices: asked.length,
      foreign: asked.filter(({ known }) => known?.row.dialect !== 'drover').length,
      blocks: blocksOfRequest(request),
    })
    return {
      hubName: name,
      verdicts: judged.map((one) => ({
        ...verdictRow(one),
        ...(kind === 'factoryReset' ? keeps(one) : {}),
        ...(one.seen ? { restore: restoreView(one.seen) } : {}),
      })),
      estimate: cost,
      warnings: warningsOf({
        jobs: engine === 'job' ? jobsFor(asked, tier) : [],
        kind,
        tier,
        policy,
        devices: asked.map((one) => this.#risked(request, settings, one)),
        groupSizes: this.#groupSizes(request, settings),
        messages: cost.messages,
        isUnpacedRestart: kind === 'method' && isRestart(request.parameters.methodName),
      }),
    }
  }

  #judge(
    { hubId, parameters }: PreflightRequest,
    deviceId: DeviceId,
    seen: SeenRestoration | undefined,
  ): Judged {
    const { fleet, store } = this.#tools
    const known = fleet.knownDevice(hubId, deviceId)
    const isBusy = store.isBusy(hubId, deviceId)
    const candidate = { ...(known ?? unknownDevice), isBusy, restoration: seen?.restoration }
    return { deviceId, verdict: verdictOf(parameters, candidate), known, seen }
  }

  #risked(
    { hubId }: PreflightRequest,
    { redundancyTag }: HubSettings,
    { deviceId, known, verdict }: Judged,
  ): Risked {
    const group = redundancyTag && this.#tools.fleet.tagOf(hubId, deviceId, redundancyTag)
    return { group, keepsOnReset: known?.keepsOnReset, isChangedSince: verdict === 'changed-since' }
  }

  #groupSizes({ hubId }: PreflightRequest, { redundancyTag }: HubSettings): ReadonlyMap<string, number> {
    return redundancyTag === undefined ? new Map() : this.#tools.fleet.tagCounts(hubId, redundancyTag)
  }
}

/** Families that are asked in another way have jobs of their own. */
function jobsFor(asked: readonly Judged[], tier: HubTier): readonly PlannedJob[] {
  const { jobDevicesPerSecond: devicesPerSecond, jobsAtOnce: atOnce } = quotaOf(tier)
  const families = new Map(asked.map(({ deviceId, known }) => [deviceId, known?.row.dialect ?? '']))
  return planJobs(families, { devicesPerSecond, atOnce })
}

const unknownDevice = { row: undefined, dialect: undefined, state: undefined, supportedActions: undefined }

/** Who would be asked if the person said yes: those who can be, and those who are waited for. */
function isAsked(verdict: Verdict, { policy }: PreflightRequest): boolean {
  return (
    verdict === 'ready' ||
    verdict === 'unprovable' ||
    verdict === 'changed-since' ||
    (verdict === 'offline' && policy?.offline.mode === 'wait')
  )
}

function verdictRow({ deviceId, verdict }: Judged): {
  readonly deviceId: DeviceId
  readonly verdict: Verdict
} {
  return { deviceId, verdict }
}

function keeps({ known }: Judged): { keeps?: string[] } {
  return known?.keepsOnReset ? { keeps: [...known.keepsOnReset] } : {}
}

/** How large one request is, by what would be sent to a device of ours. */
function blocksOfRequest({ parameters }: PreflightRequest): number {
  const epoch = new Date(0)
  const actionId = ActionId.parse('0'.repeat(26))
  const request = rulesFor(parameters).request({ actionId, dialect: drover, now: epoch, notAfter: epoch })
  const body = request?.type === 'method' ? request.payload : request?.sections
  return blocksOf(utf8Bytes(JSON.stringify(body ?? null)))
}
