import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../conformance/support/eventually.ts'
import { runProgram } from './support/agent-process.ts'
import { openField, request, type Field } from './support/field.ts'

/** What a person at the device sees and does, with the agent as a process and the hub that is tested against. */
let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(() => field.close())

test('status shows an action under way and its proven end, beside an agent that is running', async () => {
  const device = await field.newDevice()
  const status = async () => (await runProgram(['status', '--state-dir', device.stateFolder])).output
  expect(await status()).toBe('agent         not running\nunder way     nothing\nlast results  none\n')

  await device.start()
  expect(await status()).toContain('agent         running')
  expect((await device.call(request('shown-1', { delaySeconds: 60 }))).status).toBe(202)
  expect(await status()).toContain('reboot shown-1, accepted, begins at')
})

test('status shows the results, and nothing of the key', async () => {
  const device = await field.newDevice()
  await device.start()
  await device.call(request('shown-2'))
  const { bootIdBefore, bootIdAfter } = await device.outcome('shown-2')
  const { output, problems } = await runProgram(['status', '--state-dir', device.stateFolder])
  expect(output).toContain(`reboot shown-2  completed, boot id ${bootIdBefore} -> ${bootIdAfter}`)
  const key = /SharedAccessKey=([^;]+)/.exec(device.connectionString)?.[1]
  expect(key).toBeDefined()
  expect(output + problems).not.toContain(key)
})

test('a second agent on the same state is refused, and the first one goes on', async () => {
  const device = await field.newDevice()
  await device.start()
  const second = await device.launch()
  expect((await second.ended).code).toBe(1)
  expect(JSON.stringify(second.lines)).toContain('another agent is running')
  expect((await device.call(request('single-1'))).status).toBe(202)
  await device.outcome('single-1')
})

test('a lock file refuses, and its removal allows, without a restart', async () => {
  const device = await field.newDevice()
  const lock = join(device.stateFolder, 'lock')
  await device.start({ parameters: ['--update-lock', lock] })
  await writeFile(lock, 'in use by Kim\n')
  expect(await device.call(request('locked-1'))).toMatchObject({
    status: 503,
    payload: { actionId: 'locked-1', state: 'refused', reason: 'locked by the device: in use by Kim' },
  })
  await rm(lock)
  expect((await device.call(request('locked-1'))).status).toBe(202)
  await device.outcome('locked-1')
})

test('a desired property refuses and allows, while the agent is connected and after it was away', async () => {
  const device = await field.newDevice()
  const first = await device.start()
  const desire = (updateLock: object | null) =>
    field.service.registry.updateTwin(
      device.deviceId,
      { properties: { desired: { iothubDM: { updateLock } } } },
      '*',
    )
  let attempt = 0
  // A validity in the past: a device that is not locked answers 410, and does nothing.
  const probe = () => device.call(request(`probe-${++attempt}`, { notAfter: '2020-01-01T00:00:00Z' }))
  const answer = () => device.call(request('locked-2', { delaySeconds: 60 }))

  await desire({ reason: 'surgery' })
  const locked = await eventually(answer, ({ status }) => status === 503)
  expect(locked.payload).toMatchObject({ reason: 'locked by the device: surgery' })
  expect((await probe()).status).toBe(410)

  await first.stop()
  await device.start()
  expect((await answer()).status).toBe(503)
  await desire(null)
  expect((await eventually(answer, ({ status }) => status !== 503)).status).toBe(202)
})

test('provisioning and a configuration file are all that run needs', async () => {
  const device = await field.newDevice()
  const at = (name: string) => join(device.stateFolder, name)
  await mkdir(at('etc'))
  await writeFile(at('given'), device.connectionString, { mode: 0o600 })
  const lines = [
    '# The agent of this test.',
    `connection-string-file = ${at('etc/connection-string')}`,
    `state-dir = ${at('state')}`,
    'simulate = yes',
  ]
  await writeFile(at('agent.conf'), lines.join('\n'))
  const configured = ['--config', at('agent.conf')]

  const taken = await runProgram(['provision', ...configured, '--connection-string-file', at('given')])
  expect(taken).toMatchObject({ code: 0, problems: '' })
  expect((await stat(at('etc/connection-string'))).mode & 0o777).toBe(0o600)
  expect(await readFile(at('etc/connection-string'), 'utf8')).toBe(`${device.connectionString}\n`)

  const { code, output } = await runProgram(['check', ...configured])
  expect(output).toContain('would only pretend')
  expect(output).toContain(at('etc/connection-string'))
  expect(code).toBe(0)
})

test('an agent whose connection string everyone can read says so, and works', async () => {
  const device = await field.newDevice()
  const file = join(device.stateFolder, 'key')
  await writeFile(file, device.connectionString)
  await chmod(file, 0o644)
  const agent = await device.start({ parameters: ['--connection-string-file', file] })
  expect(await agent.waitFor('secret-exposed')).toMatchObject({ file })
})

test('a configuration with mistakes starts nothing, and each mistake has its line', async () => {
  const device = await field.newDevice()
  const file = join(device.stateFolder, 'agent.conf')
  await writeFile(file, '# mine\nstate-dri = /data\nreboot-patience = soon\n')
  const { code, problems } = await runProgram(['run', '--config', file])
  expect(code).toBe(2)
  expect(problems.split('\n')).toEqual([
    expect.stringContaining(`${file}:2: there is no setting "state-dri"`),
    `${file}:3: reboot-patience must be a number of seconds`,
    '',
  ])
})
