import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Target } from '../../contract/app/target.ts'
import { readReported } from '../../contract/device/reported.ts'
import { rounds } from '../support/rounds.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { startHubProcess, type HubProcess } from '../conformance/support/hub-process.ts'
import { openService, rowsOf, type Service } from '../conformance/support/service.ts'
import { localAgent } from '../conformance/support/target.ts'

const program = fileURLToPath(new URL('support/core-program.ts', import.meta.url))
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

function start(dataFolder: string, deviceIds: readonly string[], isToResume = false): ChildProcess {
  const { hostName, httpsPort, caCertificate, connectionString } = hub
  const told = {
    access: { hostName, httpsPort, caCertificate, connectionString },
    dataFolder,
    deviceIds,
    isToResume,
  }
  return fork(program, {
    env: { ...process.env, TOLD: JSON.stringify(told) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

interface Left {
  readonly actionId: string
  readonly targets: readonly Target[]
}

/** What the journal says in the next life; once everybody has been rebooted, where a person resumes. */
async function lookAt(dataFolder: string, isToResume = false): Promise<Left> {
  const child = start(dataFolder, [], isToResume)
  const [left] = (await once(child, 'message')) as [Left]
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
  test.each(Array.from({ length: rounds(2, 200) }, (_, index) => delayOf(index)))(
    '%d ms after the start, nothing ran that was not written down, and what ran is proven',
    async (delayMs) => {
      const child = start(folder, fleet)
      await once(child, 'message')
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

/** Most of what happens does so in the first tenths of a second. */
function delayOf(index: number): number {
  return [20, 160][index] ?? (index * 37) % 400
}
