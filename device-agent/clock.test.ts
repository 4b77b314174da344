import { describe, expect, test } from 'vitest'
import { startSimulatedDevice, validPayload, type SimulatedDevice } from './testing/simulated-device.ts'

const start = Date.UTC(2026, 0, 1)
const [minute, hour, year] = [60_000, 3_600_000, 365 * 86_400_000]

interface WallClock {
  /** What it shows, against the truth. */
  readonly off: number
  /** Whether the device believes it. */
  readonly isSet: boolean
}

function set({ clock }: SimulatedDevice, { off, isSet }: WallClock): void {
  clock.set(start + off)
  clock.isSet = isSet
}

const right: WallClock = { off: 0, isSet: true }
const wrong = (off: number): WallClock => ({ off, isSet: false })
const believed = (off: number): WallClock => ({ off, isSet: true })

/** A reboot in a minute, which is valid for an hour; `before` at the call, `during` while it waits, `after` it. */
const cases: readonly (readonly [string, WallClock, WallClock, 'reboots' | 'too late' | 'refused'])[] = [
  ['is right', right, right, 'reboots'],
  ['stands in 1970 and is never set', wrong(-start), wrong(-start), 'reboots'],
  ['stands in 1970 and is set right meanwhile', wrong(-start), right, 'reboots'],
  ['is ten years back and never set', wrong(-10 * year), wrong(-10 * year), 'reboots'],
  ['is ten years ahead and never set', wrong(10 * year), wrong(10 * year), 'reboots'],
  ['is ten years ahead and set right meanwhile', wrong(10 * year), right, 'reboots'],
  ['is right, and forgotten meanwhile', right, wrong(-start), 'reboots'],
  ['is right, and jumps ten years ahead unset', right, wrong(10 * year), 'reboots'],
  ['is set back an hour', right, believed(-hour), 'reboots'],
  ['is set back ten years', right, believed(-10 * year), 'reboots'],
  ['is set ahead half an hour', right, believed(hour / 2), 'reboots'],
  ['is set ahead two hours', right, believed(2 * hour), 'too late'],
  ['is set ahead ten years', right, believed(10 * year), 'too late'],
  ['is a minute slow', believed(-minute), believed(-minute), 'reboots'],
  ['is a minute fast', believed(minute), believed(minute), 'reboots'],
  ['is two hours fast', believed(2 * hour), believed(2 * hour), 'refused'],
  ['is an hour slow and set right meanwhile', believed(-hour), right, 'reboots'],
  ['is believed ten years back and set right meanwhile', believed(-10 * year), right, 'reboots'],
  ['is unset and turns out to be two hours late', wrong(-start), believed(2 * hour), 'too late'],
  ['is right at the end of February', believed(58 * 86_400_000), believed(58 * 86_400_000), 'refused'],
]

test('there are twenty cases, and no two are the same', () => {
  expect(new Set(cases.map(([, ...clocks]) => JSON.stringify(clocks))).size).toBe(20)
})

describe('on a device whose clock', () => {
  test.each(cases)('%s, a delayed reboot is never done too late nor credited wrongly', async (...given) => {
    const [, before, during, expected] = given
    const device = await startSimulatedDevice()
    set(device, before)
    const answer = await device.reboot(validPayload('a', { delaySeconds: 60 }))
    expect(answer.status).toBe(expected === 'refused' ? 410 : 202)
    await device.clock.advance(30_000)
    set(device, during)
    // A start of the agent in between judges by the same clocks.
    await device.restartAgent()
    await device.clock.advance(29_000)
    expect(device.reboots()).toBe(0)
    await device.clock.advance(120_000)
    expect(device.reboots()).toBe(expected === 'reboots' ? 1 : 0)
    const { reboot, agent } = device.report()
    if (expected === 'refused') expect(reboot).toBeUndefined()
    else expect(reboot).toMatchObject({ status: expected === 'reboots' ? 'completed' : 'failed' })
    expect(agent?.unexpectedReboots).toBe(0)
    expect(device.hub.isConnected).toBe(true)
    await device.stop()
  })
})

test('a validity that ends while the clock is not set ends all the same', async () => {
  const device = await startSimulatedDevice()
  set(device, wrong(-start))
  const times = { issuedAt: '2026-01-01T00:00:00Z', notAfter: '2026-01-01T00:10:00Z' }
  expect((await device.reboot(validPayload('a', { ...times, delaySeconds: 601 }))).status).toBe(410)
  expect((await device.reboot(validPayload('b', { ...times, delaySeconds: 60 }))).status).toBe(202)
  await device.stop()
  // The process was down so long; the machine was not.
  await device.clock.advance(11 * minute)
  await device.startAgain()
  await device.clock.advance(60_000)
  expect(device.reboots()).toBe(0)
  expect(device.report().reboot).toMatchObject({ actionId: 'b', error: { code: 'interrupted' } })
  await device.stop()
})
