import { describe, expect, test } from 'vitest'
import { settle } from './testing/fake-clock.ts'
import { startSimulatedDevice } from './testing/simulated-device.ts'

describe('the link to the hub', () => {
  test('tells who the agent is when it connects for the first time', async () => {
    const device = await startSimulatedDevice()
    expect(device.report().agent).toMatchObject({
      bootId: 'boot-1',
      platform: 'simulated',
      actions: ['reboot', 'factoryReset'],
    })
    await device.stop()
  })

  test('reads the twin at each connect, and sends nothing that it has already', async () => {
    const device = await startSimulatedDevice()
    device.hub.drop()
    await device.clock.advance(2_000)
    expect(device.hub.twinReads).toBe(2)
    expect(device.hub.patches).toHaveLength(1)
    await device.stop()
  })

  test('tells again when the hub has lost what it was told', async () => {
    const device = await startSimulatedDevice()
    device.hub.reported = {}
    device.hub.drop()
    await device.clock.advance(2_000)
    expect(device.report().agent?.bootId).toBe('boot-1')
    await device.stop()
  })

  test('is tried for ever, at most a minute apart, also when the hub says "not authorized"', async () => {
    const device = await startSimulatedDevice()
    device.hub.isRefusing = true
    device.hub.drop()
    await device.clock.advance(3_600_000)
    // Full jitter with 0.5 halves the cap of 60 s.
    expect(device.hub.attempts).toBeGreaterThan(100)
    expect(device.hub.attempts).toBeLessThan(150)
    device.hub.isRefusing = false
    await device.clock.advance(60_000)
    expect(device.hub.isConnected).toBe(true)
    await device.stop()
  })

  test('begins at once, or at a random moment of the time that a fleet was given to come back', async () => {
    const device = await startSimulatedDevice({ settings: { connectSpreadMs: 60_000 } })
    await device.clock.advance(29_999)
    expect(device.hub.attempts).toBe(0)
    await device.clock.advance(1)
    expect(device.hub.isConnected).toBe(true)
    await device.stop()
  })

  test('that waits for its moment ends when the agent is stopped', async () => {
    const device = await startSimulatedDevice({ settings: { connectSpreadMs: 60_000 } })
    await device.stop()
    expect(device.hub.attempts).toBe(0)
  })

  test('is as patient as before when somebody sets the clock of the machine', async () => {
    const device = await startSimulatedDevice()
    device.hub.isRefusing = true
    device.hub.drop()
    await device.clock.advance(3_600_000)
    const { attempts } = device.hub
    device.clock.set(Date.UTC(2126, 0, 1))
    await device.clock.advance(600_000)
    expect(device.hub.attempts - attempts).toBeLessThan(25)
    await device.stop()
  })

  test('says goodbye when the agent is stopped', async () => {
    const device = await startSimulatedDevice()
    await device.stop()
    expect(device.hub.ends).toEqual(['closed'])
  })

  test('is given up by force when the hub does not take the goodbye', async () => {
    const device = await startSimulatedDevice()
    device.hub.ignoresGoodbyes = true
    const stopped = device.stop()
    await device.clock.advance(2_000)
    await stopped
    expect(device.hub.ends).toEqual(['cut'])
  })

  test('is tried again after a connect that never answers', async () => {
    const device = await startSimulatedDevice()
    device.hub.isSilent = true
    device.hub.drop()
    await device.clock.advance(30_000)
    device.hub.isSilent = false
    expect(device.hub.attempts).toBe(2)
    await device.clock.advance(60_000)
    expect(device.hub.isConnected).toBe(true)
    await device.stop()
  })
})

describe('the outbox', () => {
  test('keeps a report until the hub has acknowledged it', async () => {
    const device = await startSimulatedDevice({ downMs: 5_000 })
    await device.reboot('action-1')
    await device.clock.advance(1_500)
    device.hub.isRefusing = true
    await device.clock.advance(3_600_000)
    expect(device.report().reboot).toBeUndefined()
    device.hub.isRefusing = false
    await device.clock.advance(60_000)
    expect(device.report().reboot).toMatchObject({ actionId: 'action-1', status: 'completed' })
    await device.stop()
  })

  test('gives an acknowledgement up that never comes, connects anew, and sees that the report did arrive', async () => {
    const device = await startSimulatedDevice({ downMs: 5_000 })
    await device.reboot('action-1')
    device.hub.losesAcknowledgements = true
    await device.clock.advance(6_500)
    expect(device.hub.patches).toHaveLength(2)
    expect((await device.store.load()).unreported).toEqual(['action-1'])

    device.hub.losesAcknowledgements = false
    await device.clock.advance(60_000)
    expect(device.hub.ends).toEqual(['cut', 'closed'])
    expect((await device.store.load()).unreported).toEqual([])
    expect(device.hub.patches).toHaveLength(2)
    await device.stop()
  })

  test('waits on its connection when the hub is at its limit, and reports what is true then', async () => {
    const device = await startSimulatedDevice({ downMs: 5_000 })
    await device.reboot('action-1')
    device.hub.refusesPatches = 5
    await device.clock.advance(120_000)
    expect(device.report().reboot).toMatchObject({ actionId: 'action-1', status: 'completed' })
    // One for the start, one for the reboot, and none for a refusal.
    expect([device.hub.attempts, device.hub.twinReads]).toEqual([2, 2])
    expect((await device.store.load()).unreported).toEqual([])
    await device.stop()
  })

  test('connects anew to a hub that takes nothing on this connection', async () => {
    const device = await startSimulatedDevice({ downMs: 5_000 })
    await device.reboot('action-1')
    device.hub.refusesPatches = 12
    await device.clock.advance(1_200_000)
    expect(device.hub.attempts).toBe(3)
    expect(device.report().reboot).toMatchObject({ status: 'completed' })
    await device.stop()
  })

  test('ends while it waits when the agent is stopped', async () => {
    const device = await startSimulatedDevice({ downMs: 5_000 })
    await device.reboot('action-1')
    device.hub.refusesPatches = Infinity
    await device.clock.advance(10_000)
    await device.stop()
    expect(device.hub.ends.at(-1)).toBe('closed')
  })

  test('sends what became true while another report was under way', async () => {
    const device = await startSimulatedDevice({ onReboot: () => Promise.reject(new Error('refused')) })
    await device.reboot('action-1')
    const second = Promise.withResolvers<undefined>()
    device.hub.onNextReport(() => {
      void device.reboot('action-2').then(() => {
        second.resolve(undefined)
      })
    })
    await device.clock.advance(1_000)
    await second.promise
    await device.clock.advance(1_000)
    await settle()
    expect(device.report().reboot?.actionId).toBe('action-2')
    expect((await device.store.load()).unreported).toEqual([])
    await device.stop()
  })
})
