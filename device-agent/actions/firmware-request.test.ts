import { expect, test } from 'vitest'
import { firmwareAddress, startFirmwareDevice } from '../testing/fake-firmware.ts'
import { readFirmwareCall } from './firmware-request.ts'

test.each([
  ['unsigned', 400],
  ['expired', 410],
] as const)('a call that is %s is refused in its answer, with the reason', async (code, status) => {
  const device = await startFirmwareDevice({ judge: () => ({ code, message: 'because' }) })
  expect(await device.update()).toMatchObject({
    status,
    payload: { actionId: 'update-1', state: 'refused', reason: `${code}: because` },
  })
  expect(await device.finish()).toBeUndefined()
  expect(device.verbs).toEqual([])
  await device.stop()
})

test("the tutorial's payload is understood, as an object and as its JSON text", async () => {
  for (const payload of [
    { fwPackageUri: firmwareAddress },
    JSON.stringify({ fwPackageUri: firmwareAddress }),
  ]) {
    const device = await startFirmwareDevice()
    expect(await device.hub.call('firmwareUpdate', payload)).toEqual({
      status: 200,
      payload: 'FirmwareUpdate started',
    })
    expect((await device.finish())?.status).toBe('applyComplete')
    await device.stop()
  }
})

test('the same id with another package is a conflict, and the same call has one effect', async () => {
  const device = await startFirmwareDevice()
  await device.update()
  expect(await device.update()).toMatchObject({ status: 202 })
  expect(await device.update({ fwVersion: '3.0' })).toMatchObject({ status: 409 })
  await device.finish()
  expect(await device.update()).toMatchObject({ status: 200, payload: { state: 'completed' } })
  expect(device.verbs.filter((verb) => verb === 'install')).toHaveLength(1)
  await device.stop()
})

test('the record keeps no token once the update is over', async () => {
  const device = await startFirmwareDevice()
  await device.update()
  await device.finish()
  expect(JSON.stringify(await device.store.load())).not.toContain('token')
  expect(JSON.stringify(device.hub.reported)).not.toContain('token')
  await device.stop()
})

test('a call that is not valid is told which part of it is wrong, and what it held is not quoted', () => {
  expect(readFirmwareCall(null)).toMatchObject({ kind: 'invalid' })
  expect(readFirmwareCall('hello')).toMatchObject({ kind: 'invalid' })
  const call = { actionId: 'a1', notAfter: '2026-01-01T00:00:00Z', fwPackageUri: firmwareAddress }
  expect(readFirmwareCall({ ...call, signature: 'hunter2' })).toEqual({
    ...{ kind: 'invalid', actionId: 'a1' },
    reason: "the payload's signature is missing or wrong",
  })
  expect(readFirmwareCall({ ...call, notAfter: undefined })).toMatchObject({
    kind: 'invalid',
    actionId: 'a1',
  })
})

test('two calls for the same package have the same parameters, in whatever order they name it', () => {
  const call = {
    actionId: 'a1',
    notAfter: '2026-01-01T00:00:00Z',
    fwPackageUri: firmwareAddress,
    fwVersion: '2',
  }
  const turned = Object.fromEntries(Object.entries(call).reverse())
  const parametersOf = (payload: object) => Reflect.get(readFirmwareCall(payload), 'parameters') as unknown
  expect(parametersOf(turned)).toBe(parametersOf(call))
  expect(parametersOf({ ...call, fwVersion: '3' })).not.toBe(parametersOf(call))
  expect(parametersOf({ ...call, notAfter: '2027-01-01T00:00:00Z' })).toBe(parametersOf(call))
})
