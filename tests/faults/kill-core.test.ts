import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readReported } from '../../contract/device/reported.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { startHubProcess, type HubProcess } from '../conformance/support/hub-process.ts'
import { openService, rowsOf, type Service } from '../conformance/support/service.ts'
import { localAgent } from '../conformance/support/target.ts'
import { kill, startCore, untilSaid, type Said } from './support/core-process.ts'

const fleet = [
  ...Array.from({ length: 8 }, (_, index) => `pump-000${index + 1}`),
  'gateway-0001',
  'gateway-0002',
  'valve-0001',
  'valve-0002',
]

let folder: string
let hub: HubProcess
let service: Service

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-kill-'))
  hub = await startHubProcess({ fleet: { name: 'demo' } })
  service = openService(hub.connectionString, localAgent(hub))
  await allConnected()
})

afterEach(async () => {
  await hub.stop()
  await rm(folder, { recursive: true })
})

async function allConnected(): Promise<void> {
  const online = (): Promise<readonly unknown[]> =>
    rowsOf(service, `SELECT deviceId FROM devices WHERE connectionState = 'Connected'`)
  await eventually(online, (rows) => rows.length >= 24)
}

/** What the journal says in the next life; once everybody has been rebooted, where a person resumes. */
async function lookAt(dataFolder: string, isToResume = false): Promise<Said['targets']> {
  const child = startCore(hub, { dataFolder, deviceIds: [], isToResume })
  const left = await untilSaid(child, 'targets')
  await kill(child)
  return left
}

async function rebootedBy(actionId: string): Promise<string[]> {
  const rows = await rowsOf(service, 'SELECT deviceId, properties.reported.iothubDM AS dm FROM devices')
  return rows
    .filter(({ dm }) => readReported({ iothubDM: dm }).reboot?.actionId === actionId)
    .map(({ deviceId }) => String(deviceId))
}

/** Waits for as long as the slowest device needs; some of what was written down may never have left. */
async function rebootedInTheEnd(actionId: string, most: number): Promise<string[]> {
  try {
    return await eventually(
      () => rebootedBy(actionId),
      (ids) => ids.length >= most,
      9_000,
    )
  } catch {
    // Some requests never left; what has rebooted by now is all there is.
    return rebootedBy(actionId)
  }
}

describe('killed while it sends', () => {
  // Most of what happens does so in the first tenths of a second; `tests/long` dies two hundred times.
  test.each([20, 160])(
    '%d ms after the start, nothing ran that was not written down, and what ran is proven',
    async (delayMs) => {
      const child = startCore(hub, { dataFolder: folder, deviceIds: fleet })
      await untilSaid(child, 'started')
      // Not a wait for something: the moment at which the app dies is what is varied.
      await pause(delayMs)
      await kill(child)

      const { actionId, targets } = await lookAt(folder)
      expect(targets).toHaveLength(fleet.length)
      // Nothing is called under way that nobody follows any more, and nothing is called failed.
      expect(targets.filter(({ status }) => !['unknown', 'waiting', 'succeeded'].includes(status))).toEqual(
        [],
      )

      const sent = targets
        .filter(({ status }) => status !== 'waiting')
        .map(({ deviceId }) => String(deviceId))
      const rebooted = await rebootedInTheEnd(actionId, sent.length)
      expect(rebooted.filter((deviceId) => !sent.includes(deviceId))).toEqual([])

      const settled = await lookAt(folder)
      const statusOf = new Map(settled.targets.map(({ deviceId, status }) => [String(deviceId), status]))
      expect(rebooted.filter((deviceId) => statusOf.get(deviceId) !== 'succeeded')).toEqual([])

      const resumed = await lookAt(folder, true)
      expect(resumed.targets.filter(({ status }) => status !== 'succeeded')).toEqual([])
      expect(await rebootedBy(actionId)).toHaveLength(fleet.length)
    },
  )
})
