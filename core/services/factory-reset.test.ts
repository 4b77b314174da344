import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Json } from '../domain/json.ts'
import type { MethodAnswer, MethodCall } from '../ports/hub-gateway.ts'
import { agentReport } from '../testing/fakes.ts'
import { actionId, deviceIds, Scene } from '../testing/scene.ts'
import { localHubId } from './hub-service.ts'

let scene: Scene

beforeEach(() => (scene = new Scene()))
afterEach(() => scene.actions.close())

const agent = { version: '1', bootId: 'b', actions: ['factoryReset'] }
const resetReport = (status: string, more: object = {}): Json => ({
  iothubDM: { agent, factoryReset: { actionId, status, kept: ['identity'], ...more } },
})

/** An agent that is armed, then does it, and reports afterwards. */
function agentThat(reports: Json) {
  return (call: MethodCall): MethodAnswer => {
    const { phase } = call.payload as { phase: string }
    if (phase === 'arm') {
      const nonce = 'n0nce-n0nce-n0nce-n0nce'
      const payload = {
        actionId,
        state: 'armed',
        nonce,
        validSeconds: 60,
        wipes: [],
        keeps: [],
        willReturn: true,
      }
      return { status: 200, payload }
    }
    scene.hub.add('a', { reported: reports })
    return { status: 202, payload: { actionId, state: 'accepted' } }
  }
}

async function reset(count = 1, hubName?: string) {
  await scene.open()
  await scene.readFleet()
  const confirmation = { count, hubName: hubName ?? scene.desk.hubs.profile(localHubId).name }
  return scene.begin({ parameters: { kind: 'factoryReset' }, deviceIds: deviceIds('a'), confirmation })
}

describe('a factory reset', () => {
  test('is armed, done, and proven by the report of the new system', async () => {
    scene.hub.add('a', { reported: { iothubDM: { agent } }, answer: agentThat(resetReport('completed')) })
    await reset()
    expect(await scene.end()).toMatchObject({ status: 'succeeded' })
    expect(scene.hub.calls.map(({ payload }) => (payload as { phase: string }).phase)).toEqual([
      'arm',
      'execute',
    ])
    expect((await scene.targets()).get('a')?.evidence).toMatchObject({ kind: 'reset', kept: ['identity'] })
  })

  test('has what the hub keeps for the device in the journal before the device is asked', async () => {
    const kept = { desired: { rate: 5 }, tags: { site: 'oslo' } }
    scene.hub.add('a', {
      ...kept,
      reported: { iothubDM: { agent } },
      answer: agentThat(resetReport('completed')),
    })
    const order: string[] = []
    scene.journal.onAppend = ({ type }) => void order.push(type)
    scene.hub.onCall = () => void order.push('asked')
    await reset()
    await scene.end()
    expect(order.slice(0, 4)).toEqual(['action', 'twin', 'target', 'asked'])
    expect(scene.journal.records).toContainEqual(
      expect.objectContaining({ type: 'twin', deviceId: 'a', ...kept }),
    )
  })

  test('is not done where the device says only then that it would lose its identity', async () => {
    const report = { iothubDM: { agent: { ...agent, keepsOnReset: ['identity'] } } }
    scene.hub.add('a', {
      reported: report,
      answer: () => ({
        status: 200,
        payload: {
          ...{ actionId, state: 'armed', nonce: 'n0nce-n0nce-n0nce-n0nce', validSeconds: 60 },
          ...{ wipes: ['/identity'], keeps: [], willReturn: false },
        },
      }),
    })
    await reset()
    await scene.end()
    expect(scene.hub.calls.map(({ payload }) => (payload as { phase: string }).phase)).toEqual(['arm'])
    expect((await scene.targets()).get('a')).toMatchObject({
      status: 'failed',
      reason: { code: 'would-not-return' },
    })
  })

  test('is not begun where the device is locked by its owner', async () => {
    const locked = { status: 503, payload: { actionId, state: 'refused', reason: 'in use' } }
    scene.hub.add('a', { reported: { iothubDM: { agent } }, answer: () => locked })
    await reset()
    await scene.end()
    expect(scene.hub.calls).toHaveLength(1)
    expect((await scene.targets()).get('a')).toMatchObject({ reason: { code: 'locked', detail: 'in use' } })
  })

  test.each<[string, number, string | undefined]>([
    ['another count', 2, undefined],
    ['another hub', 1, 'production'],
  ])('is refused when the person has typed %s, and nothing is sent', async (_, count, hubName) => {
    scene.hub.add('a', { reported: agentReport() })
    await expect(reset(count, hubName)).rejects.toMatchObject({
      code: 'invalid-input',
      field: 'confirmation',
    })
    expect(scene.hub.calls).toEqual([])
  })
})
