import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewAction } from '../../contract/app/action.ts'
import type { Preflight } from '../../contract/app/preflight.ts'
import type { Evidence, Target } from '../../contract/app/target.ts'
import { ActionId } from '../../contract/app/ids.ts'
import { AppError } from '../../contract/errors.ts'
import type { JournalRecord } from '../domain/journal-record.ts'
import { FakeDesktop } from '../testing/fake-desktop.ts'
import { agentReport, FakeJournal } from '../testing/fakes.ts'
import { deadlineMs, deviceIds, never, Scene } from '../testing/scene.ts'
import { CampaignService } from './campaign-service.ts'
import { localHubId } from './hub-service.ts'

let scene: Scene

const at = '2026-11-23T10:00:00.000Z'
const names = ['a', 'b'] as const
const kept = { desired: { rate: 5, mode: 'night' }, tags: { site: 'oslo' } }
const resetId = ActionId.parse('reset-1')
const restoreId = ActionId.parse('restore-1')

/** A factory reset that both devices have come back from, with what was kept of them. */
function resetRecords(): JournalRecord[] {
  const ids = deviceIds(...names)
  const evidence: Evidence = { kind: 'reset', kept: [], readAt: at }
  return [
    {
      ...{ type: 'action', at, actionId: resetId, hubId: localHubId, hubName: 'Local hub', hostName: 'h' },
      ...{ by: 'kim', deadlineMs, deviceIds: ids, parameters: { kind: 'factoryReset' } },
    },
    ...ids.flatMap((deviceId): JournalRecord[] => [
      { type: 'twin', at, actionId: resetId, deviceId, ...kept },
      { type: 'target', at, actionId: resetId, deviceId, name: 'send' },
      { type: 'target', at, actionId: resetId, deviceId, name: 'accept' },
      { type: 'target', at, actionId: resetId, deviceId, name: 'succeed', evidence },
    ]),
  ]
}

beforeEach(async () => {
  scene = new Scene()
  scene.journal = new FakeJournal(resetRecords())
  for (const name of names) scene.hub.add(name, { reported: agentReport() })
  await scene.open()
  await scene.readFleet()
})
afterEach(() => scene.actions.close())

const parameters = { kind: 'restore', resetId } as const
const preflight = (...ids: string[]): Promise<Preflight> =>
  scene.preflights.preflight({ hubId: localHubId, parameters, deviceIds: deviceIds(...ids) }, never)

function seenIn({ verdicts }: Preflight): NonNullable<NewAction['seen']> {
  return Object.fromEntries(verdicts.map(({ deviceId, restore }) => [deviceId, restore?.etag ?? '']))
}

/** Restores these devices as they were just seen; returns what became of each. */
async function restore(...ids: string[]): Promise<Map<string, Target>> {
  const seen = seenIn(await preflight(...ids))
  return restoreAsSeen(seen, ...ids)
}

async function restoreAsSeen(
  seen: NonNullable<NewAction['seen']>,
  ...ids: string[]
): Promise<Map<string, Target>> {
  const id = await scene.begin({ parameters, deviceIds: deviceIds(...ids), seen })
  await scene.drain()
  return scene.targets(id)
}

const change = (name: string, more: object): unknown =>
  scene.hub.add(name, { ...scene.hub.devices.get(name), ...more })

describe('before a restore', () => {
  test('each device says what would be put back, and whether somebody has written since', async () => {
    change('a', { desired: { rate: 60 }, tags: { site: 'oslo' }, etag: 'e7' })
    const { verdicts, warnings } = await preflight('a', 'b')
    expect(verdicts[0]).toEqual({
      deviceId: 'a',
      verdict: 'changed-since',
      restore: {
        etag: 'e7',
        count: 2,
        values: [
          { section: 'desired', path: ['rate'], present: '60', kept: '5' },
          { section: 'desired', path: ['mode'], kept: '"night"' },
        ],
      },
    })
    expect(verdicts[1]).toMatchObject({ verdict: 'ready', restore: { count: 3 } })
    expect(warnings).toEqual([{ kind: 'changed-since', devices: 1 }])
  })

  test('a device whose twin has all of it is done already, and one of which nothing was kept has nothing', async () => {
    change('a', { ...kept, desired: { ...kept.desired, added: 1 } })
    scene.hub.add('c', {})
    await scene.readFleet()
    const { verdicts } = await preflight('a', 'c', 'gone')
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['already-done', 'no-snapshot', 'missing'])
  })

  test('long values are shown in part', async () => {
    scene.journal.records.push({
      ...{ type: 'twin', at, actionId: resetId, tags: {}, desired: { note: 'x'.repeat(4_000) } },
      deviceId: deviceIds('a')[0] as never,
    })
    const [value] = (await preflight('a')).verdicts[0]?.restore?.values ?? []
    expect(value?.kept.length).toBeLessThan(256)
  })
})

describe('a restore', () => {
  test('puts back what is gone in both sections at once, and leaves what was added', async () => {
    change('a', { desired: { added: 1 } })
    const targets = await restore('a')
    expect(targets.get('a')).toMatchObject({ status: 'succeeded', evidence: { kind: 'twin', version: 2 } })
    expect(scene.hub.patches).toEqual([{ deviceId: 'a', sections: kept, etag: 'etag-1' }])
    expect(scene.hub.devices.get('a')).toMatchObject({
      desired: { added: 1, ...kept.desired },
      tags: kept.tags,
    })
  })

  test('has what was there, and what is about to be written, in the journal before it is written', async () => {
    change('a', { desired: { rate: 60 } })
    const order: string[] = []
    scene.journal.onAppend = ({ type }) => void order.push(`${type} ${scene.hub.patches.length}`)
    await restore('a')
    expect(order.slice(0, 3)).toEqual(['action 0', 'twin 0', 'target 0'])
    expect(scene.journal.records).toContainEqual(
      expect.objectContaining({ type: 'twin', desired: { rate: 60 }, tags: {}, change: kept }),
    )
  })

  test('writes nothing where somebody has written after the person had looked, and says so', async () => {
    const seen = seenIn(await preflight('a', 'b'))
    change('a', { desired: { rate: 7 }, etag: 'e8' })
    const targets = await restoreAsSeen(seen, 'a', 'b')
    expect(targets.get('a')).toMatchObject({ status: 'failed', reason: { code: 'changed-meanwhile' } })
    expect(targets.get('b')).toMatchObject({ status: 'succeeded' })
    expect(scene.hub.devices.get('a')?.desired).toEqual({ rate: 7 })
  })

  test('that loses the race at the hub itself has written nothing either', async () => {
    const seen = seenIn(await preflight('a'))
    scene.hub.failPatch = new AppError('conflict', 'Somebody else changed it.')
    expect((await restoreAsSeen(seen, 'a')).get('a')?.reason).toEqual({ code: 'changed-meanwhile' })
  })

  test('whose word was lost is settled by the twin, and written once', async () => {
    scene.hub.failPatch = new AppError('timeout', 'No answer.')
    expect((await restore('a')).get('a')).toMatchObject({ status: 'succeeded' })
    expect(scene.hub.patches).toHaveLength(1)
  })

  test('that was in flight when the app ended is settled by the twin at the next start', async () => {
    const seen = seenIn(await preflight('a'))
    change('a', kept)
    scene.journal.records.push(
      {
        ...{
          type: 'action',
          at,
          actionId: restoreId,
          hubId: localHubId,
          hubName: 'Local hub',
          hostName: 'h',
        },
        ...{ by: 'kim', deadlineMs, deviceIds: deviceIds('a'), parameters, seen },
      },
      { type: 'target', at, actionId: restoreId, deviceId: deviceIds('a')[0] as never, name: 'send' },
    )
    await scene.open()
    await scene.readFleet()
    await scene.summaryWhen(({ status }) => status === 'succeeded')
    expect(scene.hub.patches).toEqual([])
  })

  test('of a device that has it all again by then is left out', async () => {
    const seen = seenIn(await preflight('a'))
    change('a', kept)
    expect((await restoreAsSeen(seen, 'a')).get('a')).toMatchObject({
      status: 'cancelled',
      reason: { code: 'already-done' },
    })
    expect(scene.hub.patches).toEqual([])
  })

  test('is not tried again without another look', async () => {
    scene.hub.failPatch = new AppError('not-found', 'No such device.')
    await restore('a')
    const failed = ActionId.parse('action-1')
    await expect(scene.actions.retryFailed(failed, never)).rejects.toMatchObject({ code: 'conflict' })
  })

  test.each<[string, object, string]>([
    ['no device was looked at', { seen: {} }, 'seen'],
    ['a job is to do it', { engine: 'job', seen: { a: 'etag-1' } }, 'engine'],
  ])('is refused where %s', async (_, more, field) => {
    const asked = scene.begin({ parameters, deviceIds: deviceIds('a'), ...more })
    await expect(asked).rejects.toMatchObject({ code: 'invalid-input', field })
  })

  test('is refused for an action that was no factory reset', async () => {
    scene.journal.records.push({
      ...{ type: 'action', at, actionId: restoreId, hubId: localHubId, hubName: 'Local hub', hostName: 'h' },
      ...{ by: 'kim', deadlineMs, deviceIds: deviceIds('a'), parameters: { kind: 'reboot' } },
    })
    await scene.open()
    const seen = seenIn(await preflight('a'))
    const wrong = { kind: 'restore', resetId: restoreId } as const
    const asked = scene.begin({ parameters: wrong, deviceIds: deviceIds('a'), seen })
    await expect(asked).rejects.toMatchObject({ field: 'resetId' })
    await expect(
      scene.preflights.preflight(
        {
          hubId: localHubId,
          parameters: { kind: 'restore', resetId: ActionId.parse('none') },
          deviceIds: deviceIds('a'),
        },
        never,
      ),
    ).rejects.toMatchObject({ code: 'not-found' })
  })
  test('is no campaign that could be run again on other devices', async () => {
    await restore('a')
    const { store, hubs, fleet } = scene.desk
    const campaigns = new CampaignService({
      ...{ store, hubs, fleet, actions: scene.actions, clock: scene.clock },
      desktop: new FakeDesktop(),
    })
    expect(() => campaigns.ofAction(ActionId.parse('action-1'))).toThrow('no campaign')
  })
})
