import { beforeEach, describe, expect, test } from 'vitest'
import type { ActionParameters } from '../../contract/app/parameters.ts'
import type { Target } from '../../contract/app/target.ts'
import { AppError } from '../../contract/errors.ts'
import { actionId, never, Scene } from '../testing/scene.ts'

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

describe('a patch', () => {
  const patch = { kind: 'desired', patch: '{"rate": 5}' } as const

  async function outcomeOf(parameters: ActionParameters): Promise<Target | undefined> {
    scene.hub.add('pump-1', { connectionState: 'Disconnected' })
    await scene.open()
    await scene.readFleet()
    await scene.act(parameters, 'pump-1')
    await scene.summaryWhen(({ status }) => status === 'succeeded' || status === 'failed')
    return (await scene.targets()).get('pump-1')
  }

  test('reaches the twin of a device that is offline, once', async () => {
    expect(await outcomeOf(patch)).toMatchObject({
      status: 'succeeded',
      evidence: { kind: 'twin', version: 2 },
    })
    expect(scene.hub.patches).toEqual([{ deviceId: 'pump-1', sections: { desired: { rate: 5 } } }])
  })

  test('whose word was lost is settled by the twin, and not sent again', async () => {
    scene.hub.failPatch = new AppError('timeout', 'No answer.')
    expect(await outcomeOf(patch)).toMatchObject({ status: 'succeeded' })
    expect(scene.hub.patches).toHaveLength(1)
  })

  test('that the hub refuses has failed', async () => {
    scene.hub.failPatch = new AppError('not-found', 'No such device.')
    expect(await outcomeOf({ kind: 'tags', patch: '{"site": "oslo"}' })).toMatchObject({
      status: 'failed',
      reason: { code: 'not-found' },
    })
  })

  test('that is none is refused before anything is journaled', async () => {
    await scene.open()
    await expect(scene.act({ kind: 'tags', patch: '[]' }, 'pump-1')).rejects.toMatchObject({ field: 'patch' })
    expect(scene.journal.records).toEqual([])
  })
})

describe('a direct method of any name', () => {
  const method = {
    kind: 'method',
    methodName: 'getStatus',
    payload: '{"verbose":true}',
    responseTimeoutMs: 10_000,
  } as const

  test("ends with the device's own answer", async () => {
    scene.hub.add('pump-1', { answer: () => ({ status: 200, payload: { uptime: 5 } }) })
    await scene.open()
    await scene.readFleet()
    await scene.act(method, 'pump-1')
    await scene.end()
    expect((await scene.targets()).get('pump-1')).toMatchObject({
      status: 'succeeded',
      evidence: { kind: 'answer', payload: '{"uptime":5}' },
    })
    expect(scene.hub.calls).toMatchObject([
      { methodName: 'getStatus', payload: { verbose: true }, responseTimeoutMs: 10_000 },
    ])
  })

  test('whose answer was lost stays unknown: nothing in the twin could tell', async () => {
    scene.hub.add('pump-1', { answer: () => new AppError('timeout', 'No answer.') })
    await scene.open()
    await scene.readFleet()
    await scene.act(method, 'pump-1')
    expect(await scene.end()).toMatchObject({ status: 'unsettled' })
    expect(await scene.actions.checkAgain(actionId, never)).toEqual({ settled: 0 })
  })
})
