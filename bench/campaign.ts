/**
 * What a reboot campaign costs in time and in messages, on a virtual clock: the hub's documented limits are real, the
 * devices take a minute, and nothing waits. Run with `node bench/campaign.ts [devices] [S1|S2|S3]`; a million take some minutes on
 * each hub, and none of the sizes leaves out what is asserted of it.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { HubTier } from '../contract/app/hub.ts'
import { AppError } from '../contract/errors.ts'
import { quotaOf } from '../core/domain/quota.ts'
import { localHubId } from '../core/services/hub-service.ts'
import { openDesk, type Desk } from '../core/testing/desk.ts'
import { FakeClock } from '../core/testing/fake-clock.ts'
import { FakeJournal, FakeLog } from '../core/testing/fakes.ts'
import { manyDevices, VirtualHub, type VirtualHubOptions } from '../core/testing/virtual-hub.ts'

const allowed = {
  timeRatio: 1.1,
  messagesPerDevice: 4.2,
  messagesWithPush: 3.15,
  throttledShare: 0.01,
  bytesPerTarget: 300,
  delayMs: 20,
}
const everyTier: readonly HubTier[] = [
  { sku: 'S1', units: 1 },
  { sku: 'S2', units: 10 },
  { sku: 'S3', units: 1 },
]
const tiers = everyTier.filter(({ sku }) => process.argv[3] === undefined || process.argv[3] === sku)
const asked = Number(process.argv[2] ?? 0)
const sizes = asked > 0 ? [asked] : [1_000, 10_000, 100_000, 1_000_000]
/** Fewer devices than this are lost in what else the process holds. */
const leastForMemory = 100_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
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

interface Run {
  readonly devices: number
  readonly tier: HubTier
  /** Whether the hub tells by itself what devices report. */
  readonly push: boolean
  /** Two of ten calls end in a 500 or a 503, half of them after the device had the request. */
  readonly hasFaults: boolean
}

interface Figures {
  readonly durationMs: number
  readonly floorMs: number
  readonly messages: number
  readonly throttledShare: number
  readonly bytesPerTarget: number
  readonly delayMs: number
  readonly wallMs: number
  readonly isRight: boolean
}

async function measure({ devices, tier, push: followEvents, hasFaults }: Run): Promise<Figures> {
  const clock = new FakeClock()
  const quota = quotaOf(tier)
  const deviceIds = manyDevices(devices)
  const hub = new VirtualHub({
    ...{ clock, deviceIds, quota, latencyMs: 50, tellsReports: followEvents },
    behaviourOf: (number) => ({ downMs: downMs(number) }),
    ...(hasFaults ? { faultOf: twoOfTen() } : {}),
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
    bytesPerTarget: (after - before) / devices,
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

function twoOfTen(): NonNullable<VirtualHubOptions['faultOf']> {
  let calls = 0
  return () => {
    calls += 1
    if (calls % 5 !== 0) return undefined
    return {
      error: new AppError('unexpected-answer', 'The hub answered 503.'),
      isDelivered: calls % 10 === 0,
    }
  }
}

function heapBytes(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** What has been promised and is not so. */
function missed({ devices, push, hasFaults }: Run, figures: Figures): string[] {
  const { durationMs, floorMs, messages, throttledShare, bytesPerTarget, delayMs, isRight } = figures
  const messagesAllowed = push ? allowed.messagesWithPush : allowed.messagesPerDevice
  const promises: readonly [string, boolean][] = [
    ['each device rebooted once, and proven', isRight],
    [`${allowed.timeRatio} x the floor`, hasFaults || durationMs <= allowed.timeRatio * floorMs],
    [`${messagesAllowed} messages a device`, hasFaults || messages <= messagesAllowed],
    [`${allowed.throttledShare * 100} % throttled`, throttledShare <= allowed.throttledShare],
    [
      `${allowed.bytesPerTarget} bytes a target`,
      devices < leastForMemory || bytesPerTarget <= allowed.bytesPerTarget,
    ],
    [`event loop p99 of ${allowed.delayMs} ms`, devices < leastForMemory || delayMs <= allowed.delayMs],
  ]
  return promises.flatMap(([promise, isKept]) => (isKept ? [] : [promise]))
}

function describe({ devices, tier, push, hasFaults }: Run, figures: Figures): string {
  const { durationMs, floorMs, messages, throttledShare, bytesPerTarget, delayMs, wallMs } = figures
  const extras = `${push ? ', told by events' : ''}${hasFaults ? ', a fifth of the calls end in 503' : ''}`
  return [
    `${devices} devices on ${tier.units} x ${tier.sku}${extras}`,
    `${(durationMs / 1000).toFixed(0)} s, ${(durationMs / floorMs).toFixed(3)} x the floor`,
    `${messages.toFixed(2)} messages a device`,
    `${(throttledShare * 100).toFixed(2)} % throttled`,
    `${bytesPerTarget.toFixed(0)} bytes a target`,
    `event loop p99 ${delayMs.toFixed(1)} ms`,
    `${((wallMs / devices) * 1000).toFixed(0)} us of work a device`,
  ].join(', ')
}

const usual: readonly Run[] = sizes.flatMap((devices) =>
  tiers.flatMap((tier) =>
    // A million devices take their time; what events save is the same for each of them.
    (devices < 1_000_000 ? [false, true] : [false]).map((push) => ({
      devices,
      tier,
      push,
      hasFaults: false,
    })),
  ),
)
const faulty = tiers.map((tier) => ({
  devices: Math.min(10_000, asked || 10_000),
  tier,
  push: false,
  hasFaults: true,
}))
process.exitCode = 0
for (const run of [...usual, ...faulty]) {
  const figures = await measure(run)
  const misses = missed(run, figures)
  console.log(
    `${describe(run, figures)}: ${misses.length === 0 ? 'all kept' : `NOT ${misses.join(', NOT ')}`}`,
  )
  if (misses.length > 0) process.exitCode = 1
}
