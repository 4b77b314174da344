import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ActionSummary } from '../../contract/app/action.ts'
import { Target } from '../../contract/app/target.ts'
import { ActionId, DeviceId } from '../../contract/app/ids.ts'
import { readReported } from '../../contract/device/reported.ts'
import { createApplication, type Application } from '../../core/application.ts'
import { localHubId } from '../../core/services/hub-service.ts'
import { FakeDesktop } from '../../core/testing/fake-desktop.ts'
import { FakeLog } from '../../core/testing/fakes.ts'
import { startHubProcess, type HubProcess } from '../conformance/support/hub-process.ts'
import { openService, rowsOf, type Service } from '../conformance/support/service.ts'
import { localAgent } from '../conformance/support/target.ts'

const { signal } = new AbortController()
const agents = [
  ...Array.from({ length: 8 }, (_, index) => `pump-000${index + 1}`),
  ...Array.from({ length: 6 }, (_, index) => `gateway-000${index + 1}`),
  ...Array.from({ length: 6 }, (_, index) => `valve-000${index + 1}`),
]

let folder: string
let hub: HubProcess
let service: Service
let app: Application
let log: FakeLog

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-faults-'))
  log = new FakeLog()
})

afterEach(async () => {
  await app.close()
  await hub.stop()
  await rm(folder, { recursive: true })
})

/** The application on a hub that goes wrong as told. */
async function start(options: object): Promise<void> {
  hub = await startHubProcess({ fleet: { name: 'demo' }, ...options })
  service = openService(hub.connectionString, localAgent(hub))
  const { hostName, httpsPort, caCertificate, connectionString } = hub
  const localHub = {
    start: () => Promise.resolve({ hostName, httpsPort, caCertificate, connectionString }),
    onExit: () => undefined,
    stop: () => Promise.resolve(),
  }
  app = await createApplication({
    version: '0',
    platform: process.platform,
    userName: 'test',
    dataFolder: folder,
    log,
    desktop: new FakeDesktop(),
    secrets: {
      protection: () => Promise.resolve('session'),
      seal: () => Promise.reject(new Error('none')),
      open: () => Promise.reject(new Error('none')),
    },
    ...{ localHub, rehearsalHub: localHub },
  })
  for await (const { state, rows } of app.handlers.devices.watch({ hubId: localHubId }, signal)) {
    if (state.kind === 'ready' && rows.filter(({ dialect }) => dialect === 'drover').length >= agents.length)
      break
  }
}

async function reboot(): Promise<{ actionId: ActionId; summary: ActionSummary; targets: readonly Target[] }> {
  const action = {
    hubId: localHubId,
    parameters: { kind: 'reboot' as const },
    deviceIds: agents.map((id) => DeviceId.parse(id)),
    deadlineMs: 120_000,
  }
  const actionId = ActionId.parse((await app.handlers.actions.start(action, signal)).actionId)
  for await (const [summary] of app.handlers.actions.list({}, signal)) {
    if (!summary || summary.status === 'running' || summary.status === 'unsettled') continue
    for await (const { targets } of app.handlers.actions.targets({ actionId }, signal))
      return {
        actionId,
        summary: ActionSummary.parse(summary),
        targets: targets.map((target) => Target.parse(target)),
      }
  }
  throw new Error('The list ended.')
}

/** How many devices say that they rebooted because of this action. */
async function rebootedBy(actionId: string): Promise<number> {
  const rows = await rowsOf(service, 'SELECT deviceId, properties.reported.iothubDM AS dm FROM devices')
  return rows.filter(({ dm }) => readReported({ iothubDM: dm }).reboot?.actionId === actionId).length
}

const faults = (rate: number, effect: object): object => ({
  faults: { seed: 7, rules: [{ operation: 'directMethod', rate, effect }] },
})

describe('a hub that loses what it is asked, or what it answers', () => {
  test.each<[string, object]>([
    ['the answer of every third method', faults(0.3, { kind: 'lostResponse' })],
    ['every fifth method, with a 503', faults(0.2, { kind: 'status', status: 503 })],
    ['every third method, by a reset', faults(0.3, { kind: 'reset' })],
  ])(
    '%s: in the end every device has rebooted once, and is proven',
    async (_, options) => {
      await start(options)
      const { actionId, summary, targets } = await reboot()
      expect(summary).toMatchObject({ status: 'succeeded', counts: { succeeded: agents.length } })
      expect(targets.every(({ evidence }) => evidence?.kind === 'boot-id')).toBe(true)
      expect(await rebootedBy(actionId)).toBe(agents.length)
      expect(log.bugs).toEqual([])
    },
    130_000,
  )
})

describe('a hub at its limit', () => {
  test('is waited for, and fails nobody', async () => {
    await start({
      faults: {
        seed: 7,
        rules: [
          {
            operation: 'directMethod',
            count: 12,
            effect: { kind: 'status', status: 429, retryAfterSeconds: 1 },
          },
        ],
      },
    })
    const { summary } = await reboot()
    expect(summary).toMatchObject({ status: 'succeeded', counts: { succeeded: agents.length } })
  })
})
