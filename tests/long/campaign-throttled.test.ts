import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ActionSummary } from '../../contract/app/action.ts'
import { DeviceId } from '../../contract/app/ids.ts'
import { createApplication, type Application } from '../../core/application.ts'
import { localHubId } from '../../core/services/hub-service.ts'
import { FakeDesktop } from '../../core/testing/fake-desktop.ts'
import { FakeLog } from '../../core/testing/fakes.ts'
import { startFleet, type Fleet } from '../../local-hub/fleet/start-fleet.ts'
import { diagnosticsOf, type Diagnostics } from '../conformance/support/diagnostics.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { startHubProcess, type HubProcess } from '../conformance/support/hub-process.ts'
import { openService } from '../conformance/support/service.ts'
import { localAgent } from '../conformance/support/target.ts'

/** Fewer on request: ten thousand take seven minutes. */
const devices = Number(process.env['DROVER_CAMPAIGN_DEVICES'] ?? 10_000)
const namePrefix = 'pump-'
const digits = Math.max(4, String(devices).length)
const deviceIds = Array.from({ length: devices }, (_, index) =>
  DeviceId.parse(`${namePrefix}${String(index + 1).padStart(digits, '0')}`),
)
const tier = { sku: 'S1' as const, units: 1 }
/** An S1 unit takes 40 direct methods a second, and 50 twin updates: methods bind. */
const methodsPerSecond = 40
/** Request, answer, report and one look: what a reboot may cost where nobody tells of its end. */
const mostMessages = 4.2
const { signal } = new AbortController()

/** All devices have the same key, so that they can be registered by the hundred before the limits hold. */
const key = randomBytes(32).toString('base64')

let folder: string
let hub: HubProcess
let fleet: Fleet
let app: Application
let log: FakeLog
/** How often each device was restarted, by its own count. */
let boots: Map<string, number>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-campaign-'))
  const dataFolder = join(folder, 'hub')
  await register(dataFolder)
  hub = await startHubProcess({ dataFolder, tier: { name: 'S1', units: 1 } })
  fleet = await startDevices(hub)
  log = new FakeLog()
  const { hostName, httpsPort, caCertificate, connectionString } = hub
  const access = { hostName, httpsPort, caCertificate, connectionString }
  const localHub = {
    start: () => Promise.resolve(access),
    onExit: () => undefined,
    stop: () => Promise.resolve(),
  }
  app = await createApplication({
    ...{ version: '0', platform: process.platform, userName: 'test', dataFolder: folder, log },
    desktop: new FakeDesktop(),
    secrets: {
      protection: () => Promise.resolve('session'),
      seal: () => Promise.reject(new Error('none')),
      open: () => Promise.reject(new Error('none')),
    },
    ...{ localHub, rehearsalHub: localHub },
  })
  await app.handlers.hubs.configure({ hubId: localHubId, settings: { tier } }, signal)
}, 600_000)

afterEach(async () => {
  await app.close()
  await fleet.stop()
  await hub.stop()
  await rm(folder, { recursive: true })
})

/** An S1 unit takes a hundred registrations a minute: they are done on a hub without limits, which keeps them. */
async function register(dataFolder: string): Promise<void> {
  const unlimited = await startHubProcess({ dataFolder })
  const service = openService(unlimited.connectionString, localAgent(unlimited))
  const authentication = { type: 'sas' as const, symmetricKey: { primaryKey: key, secondaryKey: key } }
  for (let start = 0; start < devices; start += 100) {
    const some = deviceIds.slice(start, start + 100)
    await service.registry.addDevices(some.map((deviceId) => ({ deviceId, authentication })))
  }
  await unlimited.stop()
}

/** In this process and not in the hub's: a connection takes a file on either side, and a process has 20,000 of them. */
async function startDevices({ hostName, mqttsPort, caCertificate }: HubProcess): Promise<Fleet> {
  const scenarioFile = join(folder, 'scenario.json')
  const groups = [{ count: devices, dialect: 'agent', namePrefix, downSeconds: [4, 6] }]
  await writeFile(scenarioFile, JSON.stringify({ groups }))
  const gateway = `localhost:${mqttsPort}`
  const createDevice = (deviceId: string): Promise<string> =>
    Promise.resolve(
      `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${key};GatewayHostName=${gateway}`,
    )
  boots = new Map()
  const note = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    const deviceId = String(fields['device'])
    if (event === 'booted') boots.set(deviceId, (boots.get(deviceId) ?? 0) + 1)
  }
  return startFleet({ caCertificate, createDevice }, { scenarioFile }, { log: note })
}

/** Every device has said what it is, which is not a matter of the campaign, and the app has read it: it need not look first. */
async function untilKnown(): Promise<Diagnostics> {
  await eventually(
    () => diagnosticsOf(hub),
    ({ messages }) => (messages.byKind['twinUpdate'] ?? 0) >= devices,
    300_000,
  )
  const known = new Set<string>()
  for await (const { rows } of app.handlers.devices.watch({ hubId: localHubId }, signal)) {
    for (const { deviceId, isConnected, dialect } of rows)
      if (isConnected && dialect === 'drover') known.add(deviceId)
      else known.delete(deviceId)
    if (known.size === devices) break
  }
  return diagnosticsOf(hub)
}

/** A minute, or half of what the hub's limit makes of fewer devices: a machine that others use has quiet ones, too. */
const windowMs = Math.min(60_000, (devices / methodsPerSecond) * 500)

/** How many methods a second the hub took in the best of all minutes. A method is billed twice. */
async function bestRate(until: AbortSignal): Promise<number> {
  const samples: { readonly at: number; readonly methods: number }[] = []
  let best = 0
  while (!until.aborted) {
    const { messages } = await diagnosticsOf(hub)
    const now = { at: Date.now(), methods: (messages.byKind['directMethod'] ?? 0) / 2 }
    const then = samples.findLast(({ at }) => now.at - at >= windowMs)
    if (then) best = Math.max(best, ((now.methods - then.methods) * 1000) / (now.at - then.at))
    samples.push(now)
    await pause(1_000, undefined, { signal: until }).catch(() => undefined)
  }
  return best
}

async function end(): Promise<ActionSummary> {
  for await (const [summary] of app.handlers.actions.list({}, signal)) {
    if (summary?.endedAt !== undefined || summary?.problem) return summary as ActionSummary
  }
  throw new Error('The list ended.')
}

test('a campaign on a hub with the limits of S1 uses nine tenths of them, and none fails by it', async () => {
  const before = await untilKnown()
  const ending = new AbortController()
  const measured = bestRate(ending.signal)
  const parameters = { kind: 'reboot' as const }
  const action = { hubId: localHubId, parameters, deviceIds, deadlineMs: 600_000 }
  await app.handlers.actions.start(action, signal)
  const { counts, problem, status } = await end()
  ending.abort()
  expect(problem).toBeUndefined()
  expect([status, counts.succeeded]).toEqual(['succeeded', devices])
  expect([boots.size, ...new Set(boots.values())]).toEqual([devices, 1])
  expect(await measured).toBeGreaterThanOrEqual(methodsPerSecond * 0.9)

  const { messages, throttles } = await diagnosticsOf(hub)
  expect((messages.total - before.messages.total) / devices).toBeLessThanOrEqual(mostMessages)
  const refused = (['directMethod', 'twinRead', 'twinUpdate', 'connection'] as const).map(
    (throttle) => (throttles[throttle]?.refused ?? 0) - (before.throttles[throttle]?.refused ?? 0),
  )
  // Of a hundred requests at most one was told to wait.
  expect(Math.max(...refused)).toBeLessThanOrEqual(devices / 100)
  expect(await app.handlers.journal.verify({}, signal)).toMatchObject({ isWhole: true })
  expect(log.bugs).toEqual([])
})
