import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readCommandReport } from '../contract/device/reported.ts'
import { defineAction, type ActionContext, type Running } from './actions/action.ts'
import type { Outcome } from './domain/agent-state.ts'
import { settle } from './testing/fake-clock.ts'
import { startSimulatedDevice, type SimulatedDeviceOptions } from './testing/simulated-device.ts'

const Step = z.object({ state: z.string(), count: z.number() })
type Step = z.infer<typeof Step>
type Work = (action: Running<string, Step>, context: ActionContext<Step>) => Promise<Outcome>

/** An action of a test: what it does is all that is given. */
function countAction(
  run: Work,
  more: { whyNotCancel?: () => string | undefined; survivesRestart?: boolean } = {},
) {
  return defineAction<string, Step>({
    ...{ name: 'count', isDestructive: false, request: z.string(), step: Step, run, ...more },
    read: (payload) => ({ kind: 'wanted', actionId: String(payload), parameters: '', request: 'all' }),
  })
}

async function startCounting(
  run: Work,
  options: SimulatedDeviceOptions & Parameters<typeof countAction>[1] = {},
) {
  const device = await startSimulatedDevice({ ...options, actions: [countAction(run, options)] })
  const count = (actionId = 'count-1') => device.hub.call('count', actionId)
  return { ...device, count, counted: () => readCommandReport(device.hub.reported, 'count') }
}

test('an action of its own is offered beside the reboot', async () => {
  const device = await startCounting(() => Promise.resolve({ status: 'completed' }))
  expect(device.report().agent?.actions).toEqual(['reboot', 'factoryReset', 'count'])
  await device.stop()
})

test('an action resumes at the step that was durable when the agent ended', async () => {
  const seen: (number | undefined)[] = []
  const device = await startCounting(async ({ step }, { advance, clock, signal }) => {
    seen.push(step?.count)
    if (step === undefined) await advance({ state: 'counting', count: 1 })
    if (seen.length < 3) await clock.sleep(60_000, signal)
    return { status: 'completed', report: { result: 'three' }, memory: { last: 3 } }
  })
  expect(await device.count()).toMatchObject({ status: 202 })
  await device.clock.advance(1)
  expect(await device.count()).toMatchObject({ status: 202, payload: { state: 'running' } })
  await device.restartAgent()
  await device.restartAgent()
  expect(seen).toEqual([undefined, 1, 1])
  expect(device.counted()).toMatchObject({ actionId: 'count-1', status: 'completed', result: 'three' })
  expect((await device.store.load()).memory).toEqual({ count: { last: 3 } })
  await device.stop()
})

test('an action that breaks has failed, and the agent goes on', async () => {
  const device = await startCounting(() => Promise.reject(new Error('divided by zero')))
  await device.count()
  await device.clock.advance(1)
  expect(device.counted()).toMatchObject({
    status: 'failed',
    error: { code: 'internal', message: 'divided by zero' },
  })
  expect((await device.reboot('action-1')).status).toBe(202)
  await device.stop()
})

test('an action whose details another version wrote ends as interrupted', async () => {
  const device = await startCounting(() => new Promise(() => undefined))
  await device.count()
  await device.stop()
  const state = await device.store.load()
  if (state.running)
    await device.store.save({ ...state, running: { ...state.running, step: { state: 'x' } } })
  await device.startAgain()
  expect(device.counted()).toMatchObject({ status: 'failed', error: { code: 'interrupted' } })
  await device.stop()
})

test('an action that has not begun outlives a restart of the machine where it says so', async () => {
  let boot = 1
  const options = { bootId: () => Promise.resolve(`kernel-${boot}`), survivesRestart: true }
  let runs = 0
  const device = await startCounting(({ step }, { clock, signal }) => {
    runs += 1
    expect(step).toBeUndefined()
    return clock.sleep(60_000, signal).then(() => ({ status: 'completed' }))
  }, options)
  await device.count()
  await device.clock.advance(1)
  boot = 2
  await device.restartAgent()
  await device.clock.advance(60_000)
  expect(runs).toBe(2)
  expect(device.counted()?.status).toBe('completed')
  await device.stop()
})

describe('progress', () => {
  test('is reported at most every five seconds, the latest of it, and gone at the end', async () => {
    const device = await startCounting(async (_, { advance, show, clock, signal }) => {
      await advance({ state: 'running', count: 0 })
      for (let percent = 1; percent <= 20; percent += 1) {
        show({ progress: percent })
        await clock.sleep(1_000, signal)
      }
      return { status: 'completed' }
    })
    const before = device.hub.patches.length
    await device.count()
    await device.clock.advance(1)
    expect(device.counted()).toMatchObject({ status: 'running', progress: 1 })
    await device.clock.advance(4_000)
    expect(device.counted()?.progress).toBe(1)
    await device.clock.advance(2_000)
    // At the fifth second the sixth word and the patch are due together.
    expect([5, 6]).toContain(device.counted()?.progress)
    await device.clock.advance(60_000)
    expect(device.counted()).not.toHaveProperty('progress')
    expect(device.counted()?.status).toBe('completed')
    expect(device.hub.patches.length - before).toBeLessThanOrEqual(6)
    await device.stop()
  })
})

describe('a cancellation', () => {
  test('stops the work at once where the step allows it, and nothing of it comes afterwards', async () => {
    let reason: unknown
    const device = await startCounting(
      async (_, { advance, signal }) => {
        await advance({ state: 'downloading', count: 0 })
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve)
        })
        reason = signal.reason
        await advance({ state: 'applying', count: 1 })
        return { status: 'completed' }
      },
      { whyNotCancel: () => undefined },
    )
    await device.count()
    await device.clock.advance(0)
    expect(await device.cancel('count-1')).toMatchObject({ status: 200, payload: { state: 'cancelled' } })
    await settle()
    expect(reason).toHaveProperty('description', 'cancelled')
    expect(device.counted()?.status).toBe('cancelled')
    expect((await device.store.load()).running).toBeUndefined()
    await device.stop()
  })

  test('is refused with the reason of the step', async () => {
    const device = await startCounting(
      async (_, { advance, clock, signal }) => {
        await advance({ state: 'applying', count: 0 })
        await clock.sleep(1_000, signal)
        return { status: 'completed' }
      },
      { whyNotCancel: () => 'it is being written' },
    )
    await device.count()
    await device.clock.advance(0)
    expect(await device.cancel('count-1')).toMatchObject({
      status: 409,
      payload: { reason: 'it is being written' },
    })
    await device.clock.advance(1_000)
    expect(device.counted()?.status).toBe('completed')
    await device.stop()
  })
})

test('an action can wait for the hub', async () => {
  const device = await startCounting(async (_, { hub, signal }) => {
    await hub.whenConnected(signal)
    return { status: hub.isConnected ? 'completed' : 'failed' }
  })
  await device.count()
  device.hub.drop()
  await device.clock.advance(60_000)
  expect(device.counted()?.status).toBe('completed')
  await device.stop()
})
