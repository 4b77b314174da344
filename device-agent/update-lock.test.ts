import { describe, expect, test } from 'vitest'
import { settle } from './testing/fake-clock.ts'
import { startSimulatedDevice, validPayload } from './testing/simulated-device.ts'

const lock = (reason: string) => ({ iothubDM: { updateLock: { reason } } })
const unlock = { iothubDM: { updateLock: null } }

describe('a device whose hub has locked it', () => {
  test('refuses to reboot with 503 and the reason, and obeys again when it is unlocked', async () => {
    const device = await startSimulatedDevice()
    device.hub.desire(lock('surgery'))
    const refused = await device.reboot('action-1')
    expect(refused).toMatchObject({ status: 503, payload: { state: 'refused' } })
    expect(refused.payload).toHaveProperty('reason', 'locked by the device: surgery')
    device.hub.desire(unlock)
    expect(await device.reboot('action-1')).toMatchObject({ status: 202 })
    await device.clock.advance(10_000)
    expect(device.reboots()).toBe(1)
    await device.stop()
  })

  test('learns of a lock that was set while it was away', async () => {
    const device = await startSimulatedDevice()
    await device.stop()
    device.hub.desire(lock('surgery'))
    await device.startAgain()
    expect(await device.reboot('action-1')).toMatchObject({ status: 503 })
    await device.stop()
  })

  test('answers nothing before it knows whether it is locked', async () => {
    const device = await startSimulatedDevice()
    device.hub.desired = lock('surgery')
    device.hub.isTwinSlow = true
    device.hub.drop()
    await device.clock.advance(2_000)
    const answers: unknown[] = []
    void device.reboot('action-1').then((answer) => answers.push(answer))
    await settle()
    expect(answers).toEqual([])
    device.hub.answerTwin()
    await settle()
    expect(answers).toMatchObject([{ status: 503 }])
    expect(device.reboots()).toBe(0)
    await device.stop()
  })

  test('does not begin a reboot that it had accepted before', async () => {
    const device = await startSimulatedDevice()
    expect(await device.reboot(validPayload('action-1', { delaySeconds: 60 }))).toMatchObject({ status: 202 })
    device.hub.desire(lock('surgery'))
    await device.clock.advance(70_000)
    expect(device.reboots()).toBe(0)
    expect(device.report().reboot).toMatchObject({
      actionId: 'action-1',
      status: 'failed',
      error: { code: 'interrupted', message: 'locked by the device: surgery' },
    })
    await device.stop()
  })
})

describe('a device that is locked itself', () => {
  test('refuses, until it is unlocked', async () => {
    let reason: string | undefined = 'in use'
    const device = await startSimulatedDevice({ lockedBy: () => Promise.resolve(reason) })
    expect((await device.reboot('action-1')).payload).toHaveProperty('reason', 'locked by the device: in use')
    reason = undefined
    expect(await device.reboot('action-1')).toMatchObject({ status: 202 })
    await device.stop()
  })
})

describe('what is known of a lock', () => {
  test('outlives a restart of the machine, also while the hub cannot be reached', async () => {
    const device = await startSimulatedDevice()
    await device.reboot(validPayload('action-1', { delaySeconds: 60 }))
    device.hub.desire(lock('surgery'))
    await settle()
    device.hub.isRefusing = true
    await device.restartAgent()
    await device.clock.advance(70_000)
    expect(device.reboots()).toBe(0)
    expect((await device.store.load()).finished[0]?.error?.message).toBe('locked by the device: surgery')
    await device.stop()
  })

  test('is reported, whoever set it and however it ends', async () => {
    let reason: string | undefined
    const device = await startSimulatedDevice({ lockedBy: () => Promise.resolve(reason) })
    const reported = () => device.report().agent?.updateLock
    expect(reported()).toBeUndefined()
    device.hub.desire(lock('surgery'))
    await device.clock.advance(1)
    expect(reported()).toBe('surgery')
    reason = 'in use'
    await device.clock.advance(60_000)
    expect(reported()).toBe('in use')
    reason = undefined
    device.hub.desire(unlock)
    await device.clock.advance(1)
    expect(device.report().agent).not.toHaveProperty('updateLock')
    await device.stop()
  })
})
