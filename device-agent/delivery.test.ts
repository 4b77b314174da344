import { describe, expect, test } from 'vitest'
import { rounds } from '../tests/support/rounds.ts'
import { customCommand } from './actions/custom-command.ts'
import type { FinishedAction } from './domain/agent-state.ts'
import type { CommandProgram } from './ports/command-program.ts'
import { seededRandom } from './testing/seeded-random.ts'
import { startSimulatedDevice, validPayload, type SimulatedDevice } from './testing/simulated-device.ts'

const kinds = ['reboot', 'factoryReset', 'backup'] as const
type Kind = (typeof kinds)[number]

async function startDevice() {
  const runs: (string | undefined)[] = []
  const program: CommandProgram = {
    name: 'backup',
    run({ actionId }) {
      runs.push(actionId)
      return Promise.resolve({ kind: 'done' })
    },
  }
  const device = await startSimulatedDevice({ actions: [customCommand(program, { timeoutMs: 1_000 })] })
  return { device, runs }
}

function ask(device: SimulatedDevice, kind: Kind, actionId: string) {
  if (kind === 'factoryReset') return device.factoryReset(actionId)
  return device.hub.call(kind, validPayload(actionId, kind === 'reboot' ? { delaySeconds: 3 } : {}))
}

/** What the twin says of each kind is what the disk says of the last action of that kind. */
async function expectTwinIsTrue(device: SimulatedDevice): Promise<void> {
  const { finished, unreported } = await device.store.load()
  expect(unreported).toEqual([])
  const twin = device.hub.reported['iothubDM'] as Readonly<Record<string, object | undefined>>
  for (const kind of kinds) {
    const last = finished.findLast((action) => action.kind === kind)
    if (last !== undefined) expect(twin[kind]).toMatchObject({ actionId: last.actionId, status: last.status })
  }
}

interface Played {
  readonly device: SimulatedDevice
  readonly runs: readonly (string | undefined)[]
  readonly accepted: ReadonlySet<string>
  readonly finished: readonly FinishedAction[]
}

/** Three actions, each asked for up to five times, in any order and at any time, amid losses of every kind. */
async function play(seed: number): Promise<Played> {
  const random = seededRandom(seed)
  const pick = (count: number) => Math.floor(random() * count)
  const { device, runs } = await startDevice()
  const accepted = new Set<string>()
  const calls = ['a', 'b', 'c'].flatMap((id) => {
    const kind = kinds[pick(kinds.length)] ?? 'reboot'
    return Array.from({ length: 1 + pick(5) }, () => ({ id, kind, order: random() }))
  })
  for (const { id, kind } of calls.sort((a, b) => a.order - b.order)) {
    disturb(device, pick(12))
    const answer = ask(device, kind, id).then(
      ({ status }) => status === 202 && accepted.add(id),
      () => undefined,
    )
    // Some callers wait for the answer, and some have gone before it comes.
    if (pick(3) > 0) await answer
    if (pick(8) === 0) await device.restartAgent()
    await device.clock.advance(pick(3) === 0 ? pick(20_000) : pick(2_000))
  }
  Object.assign(device.hub, { losesAcknowledgements: false, losesPatches: false, losesAcceptances: false })
  await device.clock.advance(600_000)
  return { device, runs, accepted, finished: (await device.store.load()).finished }
}

function disturb({ hub }: SimulatedDevice, choice: number): void {
  hub.losesAcknowledgements = choice === 0
  hub.losesPatches = choice === 1
  hub.losesAcceptances = choice === 4
  if (choice === 2) hub.drop()
  if (choice === 3) hub.desire({ iothubDM: { updateLock: null } })
}

test('however its calls are duplicated, reordered and late: one effect of each action, and none is lost', async () => {
  let completed = 0
  for (let seed = 1; seed <= rounds(500, 5_000); seed += 1) {
    const { device, runs, accepted, finished } = await play(seed)
    const orders = device.orders.map((reason) => reason.slice(-1))
    const effects = [...orders, ...runs]
    expect(new Set(effects).size, `seed ${seed}: ${effects.join()}`).toBe(effects.length)
    const known = finished.map(({ actionId }) => actionId)
    expect(new Set(known).size).toBe(known.length)
    expect(known, `seed ${seed}`).toEqual(expect.arrayContaining([...accepted]))
    for (const { status, actionId } of finished)
      if (status === 'completed') expect(effects).toContain(actionId)
    await expectTwinIsTrue(device)
    completed += finished.filter(({ status }) => status === 'completed').length
    await device.stop()
  }
  // The schedules are not so wild that nothing ever happens in them.
  expect(completed).toBeGreaterThan(rounds(500, 5_000))
}, 600_000)

type Loss = (device: SimulatedDevice) => void

const losses: readonly (readonly [string, Loss, (device: SimulatedDevice) => void])[] = [
  [
    'the answer to the method',
    ({ hub }) => (hub.losesAcceptances = true),
    ({ hub }) => (hub.losesAcceptances = false),
  ],
  ['the patch', ({ hub }) => (hub.losesPatches = true), ({ hub }) => (hub.losesPatches = false)],
  [
    'the acknowledgement of the patch',
    ({ hub }) => (hub.losesAcknowledgements = true),
    ({ hub }) => (hub.losesAcknowledgements = false),
  ],
  [
    'the connection, before the patch',
    ({ hub }) => (hub.isRefusing = true),
    ({ hub }) => (hub.isRefusing = false),
  ],
  [
    'the connection, with the patch',
    ({ hub }) => {
      hub.onNextReport(() => {
        hub.drop()
      })
    },
    () => undefined,
  ],
]

describe.each(kinds)('%s', (kind) => {
  test.each(losses)('that loses %s is true in the twin one connection later', async (_, lose, mend) => {
    const { device, runs } = await startDevice()
    lose(device)
    const heard = await ask(device, kind, 'a').catch(() => undefined)
    expect(heard?.status).toBe(device.hub.losesAcceptances ? undefined : 202)
    await device.clock.advance(30_000)
    mend(device)
    await device.clock.advance(90_000)
    await expectTwinIsTrue(device)
    const again = await ask(device, kind, 'a')
    expect(again).toMatchObject({ status: 200, payload: { actionId: 'a', state: 'completed' } })
    expect(device.orders.length + runs.length).toBe(1)
    await device.stop()
  })
})
