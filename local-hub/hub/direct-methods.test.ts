import { describe, expect, test } from 'vitest'
import { addDevice, connectFake, newHub } from '../testing/new-hub.ts'
import { assertMethodName } from './direct-methods.ts'

const invocation = {
  methodName: 'reboot',
  payload: '{"a":1}',
  connectTimeoutMs: 0,
  responseTimeoutMs: 30_000,
}

function scene() {
  const hub = newHub()
  addDevice(hub, 'd')
  const answer = (requestId: string | undefined, text: string, deviceId = 'd') => {
    hub.methods.answer(deviceId, requestId ?? '', { status: 202, body: Buffer.from(text) })
  }
  return { hub, answer }
}

const failure = (code: string) => expect.objectContaining({ code }) as Error

/** Lets what was awaited before go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('DirectMethods.invoke', () => {
  test('hands the device name and payload, and the back end status and payload, as they were written', async () => {
    const { hub, answer } = scene()
    const link = connectFake(hub, 'd')
    const call = hub.methods.invoke('d', invocation)
    await settled()
    expect(link.calls).toMatchObject([{ methodName: 'reboot', payload: '{"a":1}' }])
    answer(link.calls[0]?.requestId, '{ "n": 1.0 }')
    expect(await call).toEqual({ status: 202, payload: '{ "n": 1.0 }' })
    expect(hub.clock.timerCount).toBe(0)
  })

  test('keeps several calls of one device apart', async () => {
    const { hub, answer } = scene()
    const link = connectFake(hub, 'd')
    const calls = [hub.methods.invoke('d', invocation), hub.methods.invoke('d', invocation)]
    await settled()
    answer(link.calls[1]?.requestId, '"second"')
    answer(link.calls[0]?.requestId, '"first"')
    expect((await Promise.all(calls)).map(({ payload }) => payload)).toEqual(['"first"', '"second"'])
  })

  test.each([
    ['nobody is connected', undefined],
    ['the device has no handler', false],
  ])('is DeviceNotOnline when %s', async (_what, acceptsMethods) => {
    const { hub } = scene()
    if (acceptsMethods !== undefined) connectFake(hub, 'd', acceptsMethods)
    await expect(hub.methods.invoke('d', invocation)).rejects.toThrow(failure('DeviceNotOnline'))
  })

  test('is DeviceNotFound for an unknown device, a disabled one, and one disabled while the call waited', async () => {
    const { hub } = scene()
    await expect(hub.methods.invoke('nobody', invocation)).rejects.toThrow(failure('DeviceNotFound'))
    const waiting = hub.methods.invoke('d', { ...invocation, connectTimeoutMs: 1000 })
    hub.registry.update('d', { status: 'disabled', statusReason: undefined }, '*')
    hub.clock.advance(1000)
    await expect(waiting).rejects.toThrow(failure('DeviceNotFound'))
    await expect(hub.methods.invoke('d', invocation)).rejects.toThrow(failure('DeviceNotFound'))
  })

  test('is DeviceTimeout when no answer comes in time, and a late answer is dropped', async () => {
    const { hub, answer } = scene()
    const link = connectFake(hub, 'd')
    const call = hub.methods.invoke('d', invocation)
    await settled()
    hub.clock.advance(30_000)
    await expect(call).rejects.toThrow(failure('DeviceTimeout'))
    answer(link.calls[0]?.requestId, '{}')
  })

  test('an answer in the name of another device is dropped', async () => {
    const { hub, answer } = scene()
    addDevice(hub, 'liar')
    const link = connectFake(hub, 'd')
    const call = hub.methods.invoke('d', invocation)
    await settled()
    answer(link.calls[0]?.requestId, '"lie"', 'liar')
    answer(link.calls[0]?.requestId, '"truth"')
    expect(await call).toMatchObject({ payload: '"truth"' })
  })

  test.each([
    ['malformed', '{"a":'],
    ['too large', JSON.stringify('x'.repeat(128 * 1024))],
  ])('is BadDeviceResponse for an answer that is %s', async (_what, text) => {
    const { hub, answer } = scene()
    const link = connectFake(hub, 'd')
    const call = hub.methods.invoke('d', invocation)
    await settled()
    answer(link.calls[0]?.requestId, text)
    await expect(call).rejects.toThrow(failure('BadDeviceResponse'))
  })

  test('an empty answer is null', async () => {
    const { hub, answer } = scene()
    const link = connectFake(hub, 'd')
    const call = hub.methods.invoke('d', invocation)
    await settled()
    answer(link.calls[0]?.requestId, '')
    expect(await call).toMatchObject({ payload: 'null' })
  })

  test('refuses a payload over 128 KB before anything is sent', async () => {
    const { hub } = scene()
    const link = connectFake(hub, 'd')
    const payload = JSON.stringify('é'.repeat(64 * 1024))
    await expect(hub.methods.invoke('d', { ...invocation, payload })).rejects.toThrow(
      failure('MessageTooLarge'),
    )
    expect(link.calls).toEqual([])
  })
})

describe('assertMethodName', () => {
  test.each(['reboot', 'a'.repeat(100), 'thermostat1*getMax', 'a.b:c-d_e'])('accepts %j', (name) => {
    expect(() => {
      assertMethodName(name)
    }).not.toThrow()
  })

  test.each(['', 'a/b', 'a#', '+', 'a?b', '$a', 'a b', 'é', 'a'.repeat(101), 7, null])(
    'refuses %j',
    (name) => {
      expect(() => {
        assertMethodName(name)
      }).toThrow(/methodName/)
    },
  )
})
