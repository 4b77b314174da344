/**
 * What a reboot campaign costs in time and in messages, on a virtual clock: the hub's documented limits are real, the
 * devices take a minute, and nothing waits. Run with `node bench/campaign.ts [devices]`; 1,000,000 take some minutes.
 * The figures of memory and of the event loop need `--expose-gc`.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { HubTier } from '../contract/app/hub.ts'
import { quotaOf } from '../core/domain/quota.ts'
import { localHubId } from '../core/services/hub-service.ts'
import { openDesk, type Desk } from '../core/testing/desk.ts'
import { FakeClock } from '../core/testing/fake-clock.ts'
import { FakeJournal, FakeLog } from '../core/testing/fakes.ts'
import { manyDevices, VirtualHub } from '../core/testing/virtual-hub.ts'

const allowed = {
  timeRatio: 1.1,
  messagesPerDevice: 4.2,
  messagesWithPush: 3.15,
  throttledShare: 0.01,
  bytesPerTarget: 300,
  delayMs: 20,
}
const tiers: readonly HubTier[] = [
  { sku: 'S1', units: 1 },
  { sku: 'S2', units: 10 },
  { sku: 'S3', units: 1 },
]
const asked = Number(process.argv[2] ?? 0)
const sizes = asked > 0 ? [asked] : [1_000, 10_000]
/** From the yes of a device to its report: 60 seconds, give or take five. Milliseconds. */
const downMs = (number: number): number => 55_000 + ((number * 7919) % 1000) * 10
const longestDownMs = 65_000

/** Counts records and keeps none: what is measured is the campaign. */
class CountingJournal extends FakeJournal {
  count = 0

  override append(): Promise<void> {
    this.count += 1
    return Promise.resolve()
  }
}

interface Figures {
  readonly durationMs: number
  readonly floorMs: number
  readonly messages: number
  readonly throttledShare: number
  readonly bytesPerTarget: number | undefined
  readonly delayMs: number
  readonly wallMs: number
  readonly isRight: boolean
}

async function measure(devices: number, tier: HubTier, followEvents: boolean): Promise<Figures> {
  const clock = new FakeClock()
  const quota = quotaOf(tier)
  const deviceIds = manyDevices(devices)
  const hub = new VirtualHub({
    ...{ clock, deviceIds, quota, latencyMs: 50, tellsReports: followEvents },
    behaviourOf: (number) => ({ downMs: downMs(number) }),
  })
  const desk = await openDesk({ hub, journal: new CountingJournal(), clock, log: new FakeLog() })
  await desk.hubs.configure(localHubId, { tier, followEvents })
  await desk.readFleet()
  const before = heapBytes()
  const [billedBefore, startedAt, wallBefore] = [hub.billed, clock.now().getTime(), performance.now()]
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const parameters = { kind: 'reboot' as const }
  const action = { hubId: localHubId, parameters, deviceIds, deadlineMs: 6 * 3_600_000 }
  const { actionId } = await desk.actions.start(action, new AbortController().signal)
  await desk.actions.settled()
  delay.disable()
  await readAgain(desk)
  const after = heapBytes()
  const { counts } = desk.store.get(actionId).targets
  return {
    durationMs: clock.now().getTime() - startedAt,
    floorMs: floorOf(devices, tier) + longestDownMs,
    messages: (hub.billed - billedBefore) / devices,
    throttledShare: hub.throttled / hub.requests,
    bytesPerTarget: before === undefined || after === undefined ? undefined : (after - before) / devices,
    delayMs: delay.percentile(99) / 1e6,
    wallMs: performance.now() - wallBefore,
    isRight: counts.succeeded === devices && hub.effects.every((count) => count === 1),
  }
}

/** The rows of the fleet are as they were before: what is left over is the campaign's. */
async function readAgain({ fleet }: Desk): Promise<void> {
  const leaving = new AbortController()
  let isFirst = true
  for await (const { state } of fleet.watch(localHubId, leaving.signal)) {
    if (!isFirst && state.kind === 'ready' && !state.isRefreshing) break
    isFirst = false
  }
  leaving.abort()
}

/** What the hub's limits allow at best: one method, one report and one look for each device. */
function floorOf(devices: number, tier: HubTier): number {
  const { methodsPerSecond, updatesPerSecond, readsPerSecond, connectionsPerSecond } = quotaOf(tier)
  return (devices / Math.min(methodsPerSecond, updatesPerSecond, readsPerSecond, connectionsPerSecond)) * 1000
}

function heapBytes(): number | undefined {
  if (!globalThis.gc) return undefined
  globalThis.gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

let isWithin = true
const runs = sizes.flatMap((devices) =>
  tiers.flatMap((tier) => [false, true].map((push) => ({ devices, tier, push }))),
)
for (const { devices, tier, push } of runs) {
  const figures = await measure(devices, tier, push)
  const messagesAllowed = push ? allowed.messagesWithPush : allowed.messagesPerDevice
  const ratio = figures.durationMs / figures.floorMs
  const bytes = figures.bytesPerTarget
  isWithin &&=
    figures.isRight &&
    ratio <= allowed.timeRatio &&
    figures.messages <= messagesAllowed &&
    figures.throttledShare <= allowed.throttledShare &&
    (bytes === undefined || devices < 10_000 || bytes <= allowed.bytesPerTarget)
  console.log(
    [
      `${devices} devices on ${tier.units} x ${tier.sku}${push ? ', told by events' : ''}`,
      `${(figures.durationMs / 1000).toFixed(0)} s, ${ratio.toFixed(3)} x the floor (allowed ${allowed.timeRatio})`,
      `${figures.messages.toFixed(2)} messages a device (allowed ${messagesAllowed})`,
      `${(figures.throttledShare * 100).toFixed(2)} % throttled`,
      bytes === undefined
        ? 'memory not measured'
        : `${bytes.toFixed(0)} bytes a target (allowed ${allowed.bytesPerTarget})`,
      `event loop p99 ${figures.delayMs.toFixed(1)} ms (allowed ${allowed.delayMs})`,
      `${((figures.wallMs / devices) * 1000).toFixed(0)} us of work a device`,
      figures.isRight ? 'each rebooted once' : 'WRONG OUTCOMES',
    ].join(', '),
  )
}
process.exitCode = isWithin ? 0 : 1
