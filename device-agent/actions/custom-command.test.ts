import { describe, expect, test } from 'vitest'
import { readCommandReport } from '../../contract/device/reported.ts'
import type { CommandCall, CommandProgram, CommandResult } from '../ports/command-program.ts'
import {
  startSimulatedDevice,
  validPayload,
  type SimulatedDeviceOptions,
} from '../testing/simulated-device.ts'
import { customCommand } from './custom-command.ts'

/** A device with the command `backup`, which ends when the test says so. */
async function startWithBackup(options: SimulatedDeviceOptions = {}) {
  const calls: CommandCall[] = []
  const ends: ((result: CommandResult) => void)[] = []
  const program: CommandProgram = {
    name: 'backup',
    run(call) {
      calls.push(call)
      return new Promise((resolve) => {
        ends.push(resolve)
        call.signal.addEventListener('abort', () => {
          resolve({ kind: 'failed', reason: 'the agent stopped it' })
        })
      })
    },
  }
  const actions = [customCommand(program, { timeoutMs: 60_000 })]
  const device = await startSimulatedDevice({ ...options, actions })
  return {
    ...{ ...device, calls },
    call: (payload: unknown) => device.hub.call('backup', payload),
    end: (result: CommandResult) => ends.shift()?.(result),
    reported: () => readCommandReport(device.hub.reported, 'backup'),
  }
}

describe('a command without an action id', () => {
  test('is run while the caller waits, and its answer is the answer', async () => {
    const device = await startWithBackup()
    const answer = device.call({ full: true })
    await device.clock.advance(0)
    expect(device.calls).toMatchObject([{ input: { full: true }, timeoutMs: 60_000 }])
    device.end({ kind: 'done', output: { files: 7 } })
    expect(await answer).toEqual({ status: 200, payload: { files: 7 } })
    expect((await device.store.load()).finished).toEqual([])
    await device.stop()
  })

  test('whose answer is no object is answered with one', async () => {
    const device = await startWithBackup()
    const answer = device.call(null)
    await device.clock.advance(0)
    expect(device.calls[0]?.input).toBeNull()
    device.end({ kind: 'done', output: [1, 2] })
    expect(await answer).toEqual({ status: 200, payload: { result: [1, 2] } })
    await device.stop()
  })

  test('that fails is answered with 500 and why', async () => {
    const device = await startWithBackup()
    const answer = device.call('7')
    await device.clock.advance(0)
    expect(device.calls[0]?.input).toBe(7)
    device.end({ kind: 'timed-out', reason: 'it took longer than 60 s' })
    expect(await answer).toEqual({
      status: 500,
      payload: { state: 'failed', reason: 'it took longer than 60 s' },
    })
    await device.stop()
  })

  test('is refused while it runs for another caller, and while the device is locked', async () => {
    const device = await startWithBackup()
    const answer = device.call(null)
    await device.clock.advance(0)
    expect((await device.call(null)).status).toBe(409)
    device.end({ kind: 'done' })
    expect((await answer).status).toBe(200)
    device.hub.desire({ iothubDM: { updateLock: { reason: 'surgery' } } })
    expect(await device.call(null)).toMatchObject({ status: 503 })
    expect(device.calls).toHaveLength(1)
    await device.stop()
  })
})

describe('a command with an action id', () => {
  test('is an action: accepted, done once, and reported with its answer', async () => {
    const device = await startWithBackup()
    const accepted = { status: 202, payload: { actionId: 'backup-1', state: 'accepted' } }
    expect(await device.call(validPayload('backup-1', { to: 'nas', deep: { b: 1, a: 2 } }))).toEqual(accepted)
    await device.clock.advance(1_000)
    expect(device.calls).toMatchObject([{ actionId: 'backup-1', input: { to: 'nas', deep: { b: 1, a: 2 } } }])
    device.calls[0]?.onProgress(40)
    await device.clock.advance(0)
    expect(device.reported()).toMatchObject({ actionId: 'backup-1', status: 'running', progress: 40 })
    device.end({ kind: 'done', output: { files: 7 } })
    await device.clock.advance(0)
    expect(device.reported()).toMatchObject({ status: 'completed', result: '{"files":7}' })
    expect(device.reported()).not.toHaveProperty('progress')

    const again = await device.call(validPayload('backup-1', { deep: { a: 2, b: 1 }, to: 'nas' }))
    expect(again).toEqual({ status: 200, payload: { actionId: 'backup-1', state: 'completed' } })
    expect((await device.call(validPayload('backup-1', { to: 'usb' }))).status).toBe(409)
    expect(device.calls).toHaveLength(1)
    await device.stop()
  })

  test('that fails is reported with why, and with what it answered', async () => {
    const device = await startWithBackup()
    await device.call(validPayload('backup-1'))
    await device.clock.advance(1_000)
    device.end({ kind: 'failed', reason: 'it ended with 3', output: 'disk full' })
    await device.clock.advance(0)
    expect(device.reported()).toMatchObject({
      ...{ status: 'failed', result: 'disk full' },
      error: { code: 'command-failed', message: 'it ended with 3' },
    })
    await device.stop()
  })

  test('is not run a second time by an agent that is started again, and that is what it says', async () => {
    const device = await startWithBackup()
    await device.call(validPayload('backup-1'))
    await device.clock.advance(1_000)
    await device.restartAgent()
    await device.clock.advance(10_000)
    expect(device.calls).toHaveLength(1)
    expect(device.reported()).toMatchObject({ status: 'failed', error: { code: 'interrupted' } })
    await device.stop()
  })

  test('that answers at length is reported in one patch of at most 1 KiB', async () => {
    const device = await startWithBackup()
    const before = device.hub.patches.length
    await device.call(validPayload('backup-1'))
    await device.clock.advance(1_000)
    device.end({ kind: 'done', output: { text: 'ä'.repeat(100_000) } })
    await device.clock.advance(0)
    const patches = device.hub.patches.slice(before)
    expect(patches).toHaveLength(1)
    expect(Buffer.byteLength(JSON.stringify(patches[0]))).toBeLessThanOrEqual(1_024)
    await device.stop()
  })

  test.each([
    [{ actionId: 'backup-1' }],
    [{ actionId: '../x', notAfter: '2026-01-01T01:00:00Z' }],
    [validPayload('backup-1', { text: 'x'.repeat(17 * 1024) })],
  ])('that is called wrongly (%#) is refused', async (payload) => {
    const device = await startWithBackup()
    expect((await device.call(payload)).status).toBe(400)
    await device.stop()
  })

  test('is offered beside what is built in', async () => {
    const device = await startWithBackup()
    expect(device.report().agent?.actions).toEqual(['reboot', 'factoryReset', 'backup'])
    await device.stop()
  })
})
