import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readArmedAnswer } from '../../contract/device/factory-reset.ts'
import { readCommandReport } from '../../contract/device/reported.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { invoke, type MethodResult } from '../conformance/support/service.ts'
import { openField, request, type Field } from './support/field.ts'

/** The actions beside the reboot, called by the real service SDK from an agent that is a process. */
let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(() => field.close())

type Device = Awaited<ReturnType<Field['newDevice']>>

function call({ deviceId }: Device, name: string, payload: unknown): Promise<MethodResult> {
  return invoke(field.service, deviceId, { name, payload, responseSeconds: 10 })
}

async function armedNonce(device: Device, actionId: string): Promise<string | undefined> {
  const { status, payload } = await call(device, 'factoryReset', request(actionId, { phase: 'arm' }))
  expect(status).toBe(200)
  return readArmedAnswer(payload)?.nonce
}

describe('a factory reset', () => {
  test('is armed, executed, and reported by the system that comes up', async () => {
    const device = await field.newDevice()
    await device.start()
    const before = (await device.reported()).agent
    expect(before?.keepsOnReset).toEqual(['identity', 'network'])
    const nonce = await armedNonce(device, 'reset-1')
    const execute = request('reset-1', { phase: 'execute', nonce })
    expect(await call(device, 'factoryReset', execute)).toMatchObject({ status: 202 })
    const { factoryReset, agent } = await eventually(
      () => device.reported(),
      (report) => report.factoryReset?.actionId === 'reset-1',
    )
    expect(factoryReset).toMatchObject({ status: 'completed', kept: ['identity', 'network'] })
    expect(agent?.bootId).not.toBe(before?.bootId)
    expect(agent?.unexpectedReboots).toBe(0)
  })

  test('that is killed in the middle is finished by the next start', async () => {
    const device = await field.newDevice()
    const dying = await device.start({ killAt: 'after:wiping' })
    const nonce = await armedNonce(device, 'reset-2')
    await call(device, 'factoryReset', request('reset-2', { phase: 'execute', nonce }))
    expect(await dying.ended).toEqual({ code: null, signal: 'SIGKILL' })
    await device.launch()
    const { factoryReset } = await eventually(
      () => device.reported(),
      (report) => report.factoryReset?.actionId === 'reset-2',
    )
    expect(factoryReset?.status).toBe('completed')
  })
})

test('a delayed reboot is cancelled, and its machine stays up', async () => {
  const device = await field.newDevice()
  const agent = await device.start()
  await device.call(request('cancel-1', { delaySeconds: 60 }))
  const cancelled = { status: 200, payload: { actionId: 'cancel-1', state: 'cancelled' } }
  expect(await call(device, 'cancelAction', { actionId: 'cancel-1' })).toEqual(cancelled)
  expect(await call(device, 'cancelAction', { actionId: 'cancel-1' })).toEqual(cancelled)
  expect((await device.outcome('cancel-1')).status).toBe('cancelled')
  expect(await call(device, 'cancelAction', { actionId: 'none' })).toMatchObject({ status: 409 })
  expect(agent.lines.map(({ event }) => event)).not.toContain('rebooting')
})

describe.skipIf(process.platform === 'win32')('a program in the folder of commands', () => {
  test('answers at once, or runs as an action, and never sees the key', async () => {
    const device = await field.newDevice()
    const folder = join(device.stateFolder, 'commands.d')
    await mkdir(folder, { mode: 0o755 })
    const script = `#!/bin/sh\nread -r input\necho '{"progress": 50}'\necho "{\\"got\\": $input, \\"keys\\": $(env | grep -c SharedAccessKey)}"\n`
    await writeFile(join(folder, 'echoBack'), script)
    await chmod(join(folder, 'echoBack'), 0o755)
    await writeFile(join(folder, 'reboot'), script, { mode: 0o755 })
    const agent = await device.start({ parameters: ['--commands-dir', folder] })

    expect((await device.reported()).agent?.actions).toContain('echoBack')
    expect(await agent.waitFor('command-refused')).toMatchObject({ command: 'reboot' })
    expect(await call(device, 'echoBack', { a: 1 })).toEqual({
      status: 200,
      payload: { got: { a: 1 }, keys: 0 },
    })

    expect(await call(device, 'echoBack', request('echo-1', { a: 2 }))).toMatchObject({ status: 202 })
    const report = async () => {
      const { responseBody } = await field.service.registry.getTwin(device.deviceId)
      const { properties } = responseBody as { properties: { reported: unknown } }
      return readCommandReport(properties.reported, 'echoBack')
    }
    const done = await eventually(report, (found) => found?.status === 'completed')
    expect(done).toMatchObject({ actionId: 'echo-1', result: '{"got":{"a":2},"keys":0}' })
  })
})
