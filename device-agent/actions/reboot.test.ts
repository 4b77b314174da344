import { describe, expect, test } from 'vitest'
import { unknownBootId } from '../domain/boot-decision.ts'
import { startSimulatedDevice, validPayload } from '../testing/simulated-device.ts'
import { rebootProof } from './reboot-order.ts'

describe('the boot id', () => {
  test.each([
    ['boot-1', 'boot-1', undefined],
    ['boot-1', 'boot-2', 'completed'],
    [unknownBootId, 'boot-2', 'unprovable'],
    ['boot-1', unknownBootId, 'unprovable'],
    [unknownBootId, unknownBootId, 'unprovable'],
  ])('%s before and %s afterwards prove %s', (before, after, expected) => {
    const outcome = rebootProof(before, after)
    expect(outcome?.error?.code ?? outcome?.status).toBe(expected)
  })

  test('that cannot be read makes a reboot unprovable: it is refused, and not offered', async () => {
    const device = await startSimulatedDevice({ bootId: () => Promise.reject(new Error('no /proc')) })
    expect(await device.reboot('action-1')).toMatchObject({ status: 501 })
    expect(device.report().agent).toMatchObject({ actions: [], unexpectedReboots: 0 })
    await device.stop()
  })

  test('that cannot be read after a reboot leaves it unproven, and says so', async () => {
    let isReadable = true
    const device = await startSimulatedDevice({
      onReboot: () => Promise.resolve(),
      bootId: () => (isReadable ? Promise.resolve('boot-1') : Promise.reject(new Error('no /proc'))),
    })
    await device.reboot('action-1')
    await device.clock.advance(1_000)
    isReadable = false
    await device.restartAgent()
    expect(device.report().reboot).toMatchObject({ status: 'failed', error: { code: 'unprovable' } })
    expect(device.report().reboot?.lastReboot).toBeUndefined()
    await device.stop()
  })

  test('that changed twice proves one reboot, and counts none', async () => {
    let boot = 1
    const device = await startSimulatedDevice({
      onReboot: () => Promise.resolve(),
      bootId: () => Promise.resolve(`kernel-${boot}`),
    })
    await device.reboot('action-1')
    await device.clock.advance(1_000)
    boot = 3
    await device.restartAgent()
    expect(device.report().reboot).toMatchObject({ status: 'completed', bootIdAfter: 'kernel-3' })
    expect(device.report().agent?.unexpectedReboots).toBe(0)
    boot = 4
    await device.restartAgent()
    expect(device.report().reboot).toMatchObject({ actionId: 'action-1', bootIdAfter: 'kernel-3' })
    expect(device.report().agent?.unexpectedReboots).toBe(1)
    await device.stop()
  })
})

describe('a machine that does not go down', () => {
  test('is ordered once more by force, and then proves its reboot as any other', async () => {
    let forced = 0
    let boot = 1
    const device = await startSimulatedDevice({
      onReboot: () => Promise.resolve(),
      onForcedReboot: () => Promise.resolve(void (forced += 1)),
      bootId: () => Promise.resolve(`kernel-${boot}`),
    })
    await device.reboot('action-1')
    await device.clock.advance(300_000)
    expect(forced).toBe(0)
    await device.clock.advance(1_000)
    expect(forced).toBe(1)
    boot = 2
    await device.restartAgent()
    expect(device.report().reboot).toMatchObject({ status: 'completed' })
    expect([forced, device.reboots()]).toEqual([1, 1])
    await device.stop()
  })

  test('nor by force failed to reboot', async () => {
    const device = await startSimulatedDevice({
      onReboot: () => Promise.resolve(),
      onForcedReboot: () => Promise.resolve(),
    })
    await device.reboot('action-1')
    await device.clock.advance(301_000)
    expect(device.report().reboot).toBeUndefined()
    await device.clock.advance(60_000)
    expect(device.report().reboot).toMatchObject({ status: 'failed', error: { code: 'did-not-reboot' } })
    await device.stop()
  })

  test('is not forced a second time by an agent that is started again', async () => {
    let forced = 0
    const device = await startSimulatedDevice({
      onReboot: () => Promise.resolve(),
      onForcedReboot: () => Promise.resolve(void (forced += 1)),
    })
    await device.reboot('action-1')
    await device.clock.advance(302_000)
    await device.restartAgent()
    await device.clock.advance(120_000)
    expect(forced).toBe(1)
    expect(device.report().reboot?.error?.code).toBe('did-not-reboot')
    await device.stop()
  })

  test('and refuses the force says so in its words', async () => {
    const device = await startSimulatedDevice({
      onReboot: () => Promise.resolve(),
      onForcedReboot: () => Promise.reject(new Error('unknown verb')),
    })
    await device.reboot('action-1')
    await device.clock.advance(302_000)
    expect(device.report().reboot?.error?.message).toContain('unknown verb')
    await device.stop()
  })
})

describe('a delayed reboot', () => {
  test('that is cancelled does not happen, and the next action may come at once', async () => {
    const device = await startSimulatedDevice()
    await device.reboot(validPayload('action-1', { delaySeconds: 60 }))
    expect(await device.cancel('action-1')).toEqual({
      status: 200,
      payload: { actionId: 'action-1', state: 'cancelled' },
    })
    expect((await device.reboot('action-2')).status).toBe(202)
    await device.clock.advance(120_000)
    expect(device.reboots()).toBe(1)
    expect(device.report().reboot).toMatchObject({ actionId: 'action-2', status: 'completed' })
    expect(await device.reboot(validPayload('action-1', { delaySeconds: 60 }))).toEqual({
      status: 200,
      payload: { actionId: 'action-1', state: 'cancelled' },
    })
    await device.stop()
  })

  test('that is cancelled is reported as cancelled', async () => {
    const device = await startSimulatedDevice()
    await device.reboot(validPayload('action-1', { delaySeconds: 60 }))
    await device.cancel('action-1')
    await device.clock.advance(1_000)
    expect(device.report().reboot).toMatchObject({ actionId: 'action-1', status: 'cancelled' })
    await device.stop()
  })

  test('that has begun is not cancelled, and the refusal says why', async () => {
    const device = await startSimulatedDevice({ onReboot: () => Promise.resolve() })
    await device.reboot('action-1')
    await device.clock.advance(2_000)
    expect(await device.cancel('action-1')).toEqual({
      status: 409,
      payload: { actionId: 'action-1', state: 'rebooting', reason: 'it has begun, and cannot be undone' },
    })
    await device.stop()
  })

  test('is not cancelled where that cannot be written, and happens', async () => {
    const device = await startSimulatedDevice()
    await device.reboot(validPayload('action-1', { delaySeconds: 60 }))
    const save = device.store.save.bind(device.store)
    device.store.save = () => Promise.reject(new Error('disk full'))
    expect(await device.cancel('action-1')).toMatchObject({ status: 503 })
    device.store.save = save
    await device.clock.advance(70_000)
    expect(device.reboots()).toBe(1)
    await device.stop()
  })

  test('keeps its time when the wall clock is set meanwhile', async () => {
    const device = await startSimulatedDevice()
    await device.reboot(validPayload('action-1', { delaySeconds: 60 }))
    device.clock.set(Date.UTC(2025, 0, 1))
    await device.restartAgent()
    await device.clock.advance(59_000)
    expect(device.reboots()).toBe(0)
    await device.clock.advance(2_500)
    expect(device.reboots()).toBe(1)
    await device.stop()
  })
})
