import { describe, expect, test } from 'vitest'
import { readArmedAnswer, type ArmedAnswer } from '../../contract/device/factory-reset.ts'
import type { FactoryReset } from '../ports/machine.ts'
import {
  startSimulatedDevice,
  validPayload,
  type SimulatedDevice,
  type SimulatedDeviceOptions,
} from '../testing/simulated-device.ts'

const call = (device: SimulatedDevice, payload: object) => device.hub.call('factoryReset', payload)
const arm = (actionId: string) => validPayload(actionId, { phase: 'arm' })
const execute = (actionId: string, nonce: string) => validPayload(actionId, { phase: 'execute', nonce })

async function armed(device: SimulatedDevice, actionId: string): Promise<ArmedAnswer> {
  const answer = readArmedAnswer((await call(device, arm(actionId))).payload)
  if (answer === undefined) throw new Error('not armed')
  return answer
}

/** A machine whose wipe the test holds in its hand. */
function slowWipe(): SimulatedDeviceOptions & { readonly begun: () => number; readonly end: () => void } {
  let begun = 0
  let hold = Promise.withResolvers<undefined>()
  const reset = (own: FactoryReset | undefined) =>
    own && {
      ...own,
      wipe: async () => {
        begun += 1
        await hold.promise
        await own.wipe()
      },
    }
  return {
    reset,
    begun: () => begun,
    end: () => {
      hold.resolve(undefined)
      hold = Promise.withResolvers()
    },
  }
}

describe('arming', () => {
  test('tells what would happen, and changes nothing', async () => {
    const device = await startSimulatedDevice()
    const answer = await armed(device, 'reset-1')
    expect(answer).toMatchObject({
      ...{ actionId: 'reset-1', state: 'armed', validSeconds: 60, willReturn: true },
      ...{ wipes: ['simulated data'], keeps: ['identity', 'network'] },
    })
    await device.clock.advance(3_600_000)
    expect([await device.wipes(), device.reboots()]).toEqual([0, 0])
    expect((await device.store.load()).running).toBeUndefined()
    await device.stop()
  })

  test('says that a device which loses what it signs in with will not return', async () => {
    const device = await startSimulatedDevice({ reset: (own) => own && { ...own, willReturn: false } })
    expect((await armed(device, 'reset-1')).willReturn).toBe(false)
    await device.stop()
  })

  test.each([
    ['where no reset is set up', { reset: () => undefined }, 501],
    ['in a container', { refusal: 'a container' }, 501],
    ['while the device is locked', { lockedBy: () => Promise.resolve('surgery') }, 503],
  ])('is refused %s', async (_, options, status) => {
    const device = await startSimulatedDevice(options)
    expect((await call(device, arm('reset-1'))).status).toBe(status)
    await device.stop()
  })

  test('is refused while another action is under way', async () => {
    const device = await startSimulatedDevice()
    await device.reboot(validPayload('action-1', { delaySeconds: 60 }))
    expect(await call(device, arm('reset-1'))).toMatchObject({
      status: 409,
      payload: { actionId: 'action-1' },
    })
    await device.stop()
  })

  test('is not offered where no reset is set up', async () => {
    const device = await startSimulatedDevice({ reset: () => undefined })
    expect(device.report().agent?.actions).toEqual(['reboot'])
    await device.stop()
    const able = await startSimulatedDevice()
    expect(able.report().agent).toMatchObject({
      actions: ['reboot', 'factoryReset'],
      keepsOnReset: ['identity', 'network'],
    })
    await able.stop()
  })
})

describe('a nonce', () => {
  test.each([
    ['of another action', async (device: SimulatedDevice) => (await armed(device, 'reset-2')).nonce],
    ['that is made up', () => Promise.resolve('zzzzzz-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')],
    [
      'that is a minute old',
      async (device: SimulatedDevice) => {
        const { nonce } = await armed(device, 'reset-1')
        await device.clock.advance(60_001)
        return nonce
      },
    ],
    [
      'of an agent that was started again since',
      async (device: SimulatedDevice) => {
        const { nonce } = await armed(device, 'reset-1')
        await device.restartAgent()
        return nonce
      },
    ],
  ])('%s executes nothing', async (_, makeNonce) => {
    const device = await startSimulatedDevice()
    const nonce = await makeNonce(device)
    expect(await call(device, execute('reset-1', nonce))).toMatchObject({
      status: 410,
      payload: { state: 'refused' },
    })
    await device.clock.advance(60_000)
    expect(await device.wipes()).toBe(0)
    await device.stop()
  })

  test('must be there', async () => {
    const device = await startSimulatedDevice()
    for (const payload of [null, {}, validPayload('a'), validPayload('a', { phase: 'execute' })]) {
      const { status } = await device.hub.call('factoryReset', payload)
      expect(status).toBe(400)
    }
    await device.stop()
  })
})

describe('a factory reset', () => {
  test('wipes, reboots once, and is reported by the system that comes up', async () => {
    const device = await startSimulatedDevice()
    expect(await device.factoryReset('reset-1')).toEqual({
      status: 202,
      payload: { actionId: 'reset-1', state: 'accepted' },
    })
    await device.clock.advance(10_000)
    expect([await device.wipes(), device.reboots()]).toEqual([1, 1])
    expect(device.report().factoryReset).toEqual({
      ...{ actionId: 'reset-1', status: 'completed', kept: ['identity', 'network'] },
      ...{ startedAt: '2026-01-01T00:00:01.000Z', endedAt: '2026-01-01T00:00:06.000Z' },
    })
    expect(device.report().agent).toMatchObject({ bootId: 'boot-2', unexpectedReboots: 0 })
    await device.stop()
  })

  test('costs one patch', async () => {
    const device = await startSimulatedDevice()
    const before = device.hub.patches.length
    await device.factoryReset('reset-1')
    await device.clock.advance(10_000)
    expect(device.hub.patches.length - before).toBe(1)
    expect(JSON.stringify(device.hub.patches.at(-1)).length).toBeLessThan(1_024)
    await device.stop()
  })

  test('asked for again in either phase is answered from memory, and not done again', async () => {
    const device = await startSimulatedDevice()
    await device.factoryReset('reset-1')
    await device.clock.advance(10_000)
    const done = { status: 200, payload: { actionId: 'reset-1', state: 'completed' } }
    expect(await call(device, arm('reset-1'))).toEqual(done)
    expect(await call(device, execute('reset-1', 'x'.repeat(40)))).toEqual(done)
    expect([await device.wipes(), device.reboots()]).toEqual([1, 1])
    await device.stop()
  })

  test('that is cut short wipes on at the next start, then reboots once', async () => {
    const slow = slowWipe()
    const device = await startSimulatedDevice(slow)
    await device.factoryReset('reset-1')
    await device.clock.advance(1_000)
    await device.restartAgent()
    await device.restartAgent()
    expect([slow.begun(), await device.wipes(), device.reboots()]).toEqual([3, 0, 0])
    expect(await call(device, arm('reset-1'))).toMatchObject({ status: 202, payload: { state: 'wiping' } })
    slow.end()
    await device.clock.advance(10_000)
    expect(device.reboots()).toBe(1)
    expect(device.report().factoryReset).toMatchObject({ actionId: 'reset-1', status: 'completed' })
    await device.stop()
  })

  test('goes on also on another boot: what is half wiped is wiped', async () => {
    let boot = 1
    const slow = slowWipe()
    const device = await startSimulatedDevice({ ...slow, bootId: () => Promise.resolve(`kernel-${boot}`) })
    await device.factoryReset('reset-1')
    await device.clock.advance(1_000)
    boot = 2
    await device.restartAgent()
    expect(slow.begun()).toBe(2)
    expect(device.report().agent?.unexpectedReboots).toBe(1)
    await device.stop()
  })

  test('that cannot remove something has failed, says what, and does not reboot', async () => {
    const reset = (own: FactoryReset | undefined) =>
      own && { ...own, wipe: () => Promise.reject(new Error('EPERM: /data/x')) }
    const device = await startSimulatedDevice({ reset })
    await device.factoryReset('reset-1')
    await device.clock.advance(10_000)
    expect(device.reboots()).toBe(0)
    expect(device.report().factoryReset).toMatchObject({
      status: 'failed',
      error: { code: 'wipe-failed', message: 'EPERM: /data/x' },
    })
    await device.stop()
  })

  test('whose machine does not go down has failed, and says that it was wiped', async () => {
    const device = await startSimulatedDevice({ onReboot: () => Promise.resolve() })
    await device.factoryReset('reset-1')
    await device.clock.advance(310_000)
    expect(device.report().factoryReset?.error).toEqual({
      code: 'did-not-reboot',
      message: 'wiped, but the machine did not go down',
    })
    await device.stop()
  })

  test('is cancelled only before it wipes', async () => {
    const slow = slowWipe()
    const device = await startSimulatedDevice(slow)
    await device.factoryReset('reset-1')
    expect((await device.cancel('reset-1')).status).toBe(200)
    await device.clock.advance(10_000)
    expect(slow.begun()).toBe(0)
    await device.factoryReset('reset-2')
    await device.clock.advance(2_000)
    expect(await device.cancel('reset-2')).toMatchObject({ status: 409, payload: { state: 'wiping' } })
    await device.stop()
  })
})
