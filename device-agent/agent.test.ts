import { describe, expect, test } from 'vitest'
import { memoryStore } from './adapters/memory-store.ts'
import { settle } from './testing/fake-clock.ts'
import { startSimulatedDevice, validPayload } from './testing/simulated-device.ts'

describe('a reboot', () => {
  test('is answered at once, and reported only when another boot id proves it', async () => {
    const device = await startSimulatedDevice({ downMs: 5_000 })

    const answer = await device.reboot('action-1')
    expect(answer).toEqual({ status: 202, payload: { actionId: 'action-1', state: 'accepted' } })
    await device.clock.advance(1_000)
    expect(device.hub.isConnected).toBe(false)
    expect(device.report().reboot).toBeUndefined()

    await device.clock.advance(5_000)
    expect(device.report()).toMatchObject({
      reboot: { actionId: 'action-1', status: 'completed', bootIdBefore: 'boot-1', bootIdAfter: 'boot-2' },
      agent: { bootId: 'boot-2' },
    })
    await device.stop()
  })

  test('reports the down time by its two instants, and the time of the reboot for old back ends', async () => {
    const device = await startSimulatedDevice({ downMs: 5_000 })
    await device.reboot('action-1')
    await device.clock.advance(6_000)
    expect(device.report().reboot).toMatchObject({
      startedAt: '2026-01-01T00:00:01.000Z',
      endedAt: '2026-01-01T00:00:06.000Z',
      lastReboot: '2026-01-01T00:00:06.000Z',
    })
    await device.stop()
  })

  test('costs one patch: the report and the new boot id of the agent travel together', async () => {
    const device = await startSimulatedDevice()
    const before = device.hub.patches.length
    await device.reboot('action-1')
    await device.clock.advance(10_000)
    expect(device.hub.patches.slice(before)).toHaveLength(1)
    await device.stop()
  })

  test('vanishes without a goodbye, as a machine without power does', async () => {
    const device = await startSimulatedDevice()
    await device.reboot('action-1')
    await device.clock.advance(1_000)
    expect(device.hub.ends).toEqual(['cut'])
    await device.stop()
    expect(device.hub.ends).toEqual(['cut'])
  })

  test('begins after the delay that was asked for', async () => {
    const device = await startSimulatedDevice()
    await device.reboot(validPayload('action-1', { delaySeconds: 60 }))
    await device.clock.advance(60_000)
    expect(device.reboots()).toBe(0)
    await device.clock.advance(1_000)
    expect(device.reboots()).toBe(1)
    await device.stop()
  })

  test('delivered twice at once has one effect and one answer', async () => {
    const device = await startSimulatedDevice()
    const answers = await Promise.all([device.reboot('action-1'), device.reboot('action-1')])
    expect(answers[1]).toEqual(answers[0])
    await device.clock.advance(60_000)
    expect(device.reboots()).toBe(1)
    await device.stop()
  })

  test('asked for again when it is done is answered from memory', async () => {
    const device = await startSimulatedDevice()
    await device.reboot('action-1')
    await device.clock.advance(10_000)
    const answer = await device.reboot('action-1')
    expect(answer).toEqual({ status: 200, payload: { actionId: 'action-1', state: 'completed' } })
    await device.clock.advance(60_000)
    expect(device.reboots()).toBe(1)
    await device.stop()
  })

  test('of a machine that never returns is never reported', async () => {
    const device = await startSimulatedDevice({ downMs: Infinity })
    await device.reboot('action-1')
    await device.clock.advance(24 * 3_600_000)
    expect(device.reboots()).toBe(1)
    expect(device.hub.isConnected).toBe(false)
    expect(device.report().reboot).toBeUndefined()
    await device.stop()
  })
})

describe('a back end of the tutorial', () => {
  test.each([
    ['null', null],
    ['an empty object', {}],
    ['a JSON string of null', 'null'],
  ])(
    'that sends %s sees the answer that it knows, and the reboot is proven all the same',
    async (_, payload) => {
      const device = await startSimulatedDevice()
      const answer = await device.hub.call('reboot', payload)
      expect(answer).toEqual({ status: 200, payload: 'Reboot started' })
      await device.clock.advance(10_000)
      expect(device.report().reboot).toMatchObject({ actionId: 'local-1', status: 'completed' })
      expect(device.report().reboot?.lastReboot).toBeDefined()
      await device.stop()
    },
  )
})

describe('a reboot that does not happen', () => {
  test('is failed after the patience, and not before', async () => {
    const device = await startSimulatedDevice({ onReboot: () => Promise.resolve() })
    await device.reboot('action-1')
    await device.clock.advance(300_000)
    expect(device.report().reboot).toBeUndefined()
    await device.clock.advance(1_000)
    expect(device.report().reboot).toMatchObject({
      status: 'failed',
      bootIdAfter: 'boot-1',
      error: { code: 'did-not-reboot' },
    })
    expect(device.report().reboot?.lastReboot).toBeUndefined()
    await device.stop()
  })

  test('for its time was over when it came due says so, and is not begun', async () => {
    const device = await startSimulatedDevice()
    await device.reboot(validPayload('action-1', { delaySeconds: 60 }))
    device.clock.set(Date.UTC(2026, 0, 1, 2))
    await device.clock.advance(61_000)
    expect(device.reboots()).toBe(0)
    expect(device.report().reboot).toMatchObject({ status: 'failed', error: { code: 'interrupted' } })
    await device.stop()
  })

  test('because its command is refused says so in the words of the machine', async () => {
    const device = await startSimulatedDevice({ onReboot: () => Promise.reject(new Error('no permission')) })
    await device.reboot('action-1')
    await device.clock.advance(1_000)
    expect(device.report().reboot?.error).toEqual({ code: 'command-failed', message: 'no permission' })
    await device.stop()
  })

  test('stays failed when the agent is started again within the patience and nothing else happens', async () => {
    const device = await startSimulatedDevice({ onReboot: () => Promise.resolve() })
    await device.reboot('action-1')
    await device.clock.advance(2_000)
    await device.restartAgent()
    expect(device.reboots()).toBe(1)
    await device.clock.advance(300_000)
    expect(device.reboots()).toBe(1)
    expect(device.report().reboot?.error?.code).toBe('did-not-reboot')
    await device.stop()
  })

  test('for another one runs is refused with the id of that one', async () => {
    const device = await startSimulatedDevice()
    await device.reboot('action-1')
    const answer = await device.reboot('action-2')
    expect(answer).toMatchObject({ status: 409, payload: { actionId: 'action-1', state: 'accepted' } })
    await device.stop()
  })

  test('for the machine is a container is refused, and not offered', async () => {
    const device = await startSimulatedDevice({ refusal: 'a container' })
    expect(await device.reboot('action-1')).toMatchObject({ status: 501, payload: { reason: 'a container' } })
    expect(device.report().agent?.actions).toEqual([])
    await device.stop()
  })

  test('for the record cannot be written is refused, and has no effect', async () => {
    const store = { ...memoryStore(), save: () => Promise.reject(new Error('disk full')) }
    const device = await startSimulatedDevice({ store })
    expect(await device.reboot('action-1')).toMatchObject({ status: 503, payload: { state: 'refused' } })
    await device.clock.advance(60_000)
    expect(device.reboots()).toBe(0)
    await device.stop()
  })
})

describe('an agent that is started again', () => {
  test('between the answer and the command keeps its promise', async () => {
    const device = await startSimulatedDevice()
    await device.reboot('action-1')
    await device.restartAgent()
    await device.clock.advance(60_000)
    expect(device.reboots()).toBe(1)
    expect(device.report().reboot).toMatchObject({ actionId: 'action-1', status: 'completed' })
    await device.stop()
  })

  test('after the time until which the reboot was wanted does not begin it', async () => {
    const device = await startSimulatedDevice()
    await device.reboot(validPayload('action-1', { delaySeconds: 3_000 }))
    device.clock.set(Date.UTC(2026, 0, 1, 2))
    await device.restartAgent()
    expect(device.report().reboot).toMatchObject({ status: 'failed', error: { code: 'interrupted' } })
    await device.clock.advance(4_000_000)
    expect(device.reboots()).toBe(0)
    await device.stop()
  })

  test('has durably what it answered before it answers', async () => {
    const inner = memoryStore()
    const saved = Promise.withResolvers<undefined>()
    let isSlow = false
    let answered = false
    const store = {
      ...inner,
      async save(state: Parameters<typeof inner.save>[0]) {
        if (isSlow) await saved.promise
        await inner.save(state)
      },
    }
    const device = await startSimulatedDevice({ store })
    isSlow = true
    const answer = device.reboot('action-1').finally(() => {
      answered = true
    })
    await settle()
    expect(answered).toBe(false)
    expect((await inner.load()).running).toBeUndefined()
    saved.resolve(undefined)
    await answer
    expect((await inner.load()).running?.actionId).toBe('action-1')
    await device.stop()
  })

  test('tries again what it could not write, and forgets nothing', async () => {
    const inner = memoryStore()
    let isFull = false
    const store = {
      ...inner,
      save: (state: Parameters<typeof inner.save>[0]) =>
        isFull ? Promise.reject(new Error('disk full')) : inner.save(state),
    }
    const device = await startSimulatedDevice({ store })
    await device.reboot('action-1')
    isFull = true
    await device.clock.advance(1_000)
    expect(device.reboots()).toBe(0)
    await expect(device.stop()).rejects.toThrow('disk full')

    isFull = false
    await device.startAgain()
    await device.clock.advance(60_000)
    expect(device.report().reboot).toMatchObject({ actionId: 'action-1', status: 'completed' })
    await device.stop()
  })
})
