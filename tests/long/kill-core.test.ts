import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readReported, type DeviceReport } from '../../contract/device/reported.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { startHubProcess, type HubProcess } from '../conformance/support/hub-process.ts'
import { openService, rowsOf, type Service } from '../conformance/support/service.ts'
import { localAgent } from '../conformance/support/target.ts'
import { kill, startCore, untilSaid, type Said } from '../faults/support/core-process.ts'

const devices = 1_000
const deaths = 200
const deviceIds = Array.from({ length: devices }, (_, index) => `pump-${String(index + 1).padStart(4, '0')}`)
/** A life has sent a few devices by then, and at most a tenth of them. Milliseconds. */
const longestLifeMs = 400

let folder: string
let hub: HubProcess
let service: Service
let lives = 0
/** How long the life before needed until it had begun or resumed an action. */
let startMs = 0

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-kill-'))
  const scenarioFile = join(folder, 'scenario.json')
  const groups = [{ count: devices, dialect: 'agent', namePrefix: 'pump-', downSeconds: [0.2, 1] }]
  await writeFile(scenarioFile, JSON.stringify({ groups }))
  hub = await startHubProcess({ fleet: { scenarioFile } })
  service = openService(hub.connectionString, localAgent(hub))
  const online = (): Promise<readonly unknown[]> =>
    rowsOf(service, `SELECT deviceId FROM devices WHERE connectionState = 'Connected'`)
  await eventually(online, (rows) => rows.length === devices, 60_000)
}, 120_000)

afterEach(async () => {
  await hub.stop()
  await rm(folder, { recursive: true })
})

async function reports(): Promise<Map<string, DeviceReport>> {
  const rows = await rowsOf(service, 'SELECT deviceId, properties.reported.iothubDM AS dm FROM devices')
  return new Map(rows.map(({ deviceId, dm }) => [String(deviceId), readReported({ iothubDM: dm })]))
}

/** The same moments each time: from 0 to 1. */
function momentOf(life: number): number {
  return (life * 0.618_034) % 1
}

/**
 * One life of the app, which goes on with what the life before has left, or begins anew. Every fifth dies while it
 * starts, when it reads the journal and writes down what was interrupted; the others while they send and follow.
 */
async function live(): Promise<Said['targets'] | undefined> {
  const child = startCore(hub, { dataFolder: join(folder, 'data'), deviceIds, isToResume: true })
  const ended = untilSaid(child, 'targets').catch(() => undefined)
  const [moment, bornAt, diesYoung] = [momentOf(lives), performance.now(), lives % 5 === 4]
  if (!diesYoung) {
    await untilSaid(child, 'started')
    startMs = performance.now() - bornAt
  }
  // Not a wait for something: the moment at which the app dies is what is varied.
  const deathMs = moment * (diesYoung ? startMs : longestLifeMs)
  const end = lives < deaths ? await Promise.race([ended, pause(deathMs)]) : await ended
  await kill(child)
  lives += 1
  return end ?? undefined
}

test('killed 200 times at any moment: each device is rebooted exactly once by each campaign, and none is lost', async () => {
  while (lives <= deaths) {
    const before = await reports()
    let end: Said['targets'] | undefined
    while (!end) end = await live()
    const { actionId, targets, journal } = end
    expect(targets.filter(({ status }) => status !== 'succeeded')).toEqual([])
    expect(targets).toHaveLength(devices)
    expect(journal.isWhole).toBe(true)
    // From the boot before to the boot after there is one step, and this action has made it.
    for (const [deviceId, { agent, reboot }] of await reports())
      expect(reboot, deviceId).toMatchObject({
        actionId,
        status: 'completed',
        bootIdBefore: before.get(deviceId)?.agent?.bootId,
        bootIdAfter: agent?.bootId,
      })
  }
}, 1_500_000)
