import { once } from 'node:events'
import { readFile, truncate } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askHub } from '../conformance/support/diagnostics.ts'
import { localOnly, localTitle } from '../conformance/support/target.ts'
import { eventually } from '../conformance/support/eventually.ts'
import { openField, request, type Field } from './support/field.ts'
import { openLine, type SeverableLine } from './support/severable-line.ts'

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(async () => {
  await field.close()
})

const wrongKey = Buffer.from('no key of this device').toString('base64')

describe.skipIf(localOnly)(localTitle('a network that fails', 'between'), () => {
  let line: SeverableLine
  beforeAll(async () => {
    line = await openLine(field.target.local?.mqttsPort ?? 0)
  })
  afterAll(async () => {
    await line.close()
  })

  test('is outlived: the agent is back when the network is', async () => {
    const device = await field.newDevice()
    const connectionString = device.connectionString.replace(/localhost:\d+/, `localhost:${line.port}`)
    const agent = await device.start({ connectionString })
    line.sever()
    await agent.waitFor('disconnected', 3)
    line.mend()
    await agent.waitFor('connected', 2)
    expect(await device.call(request('action-1'))).toMatchObject({ status: 202 })
    expect(await device.outcome('action-1')).toMatchObject({ status: 'completed' })
  })

  test('while the machine reboots delays the report, and loses nothing', async () => {
    const device = await field.newDevice()
    const connectionString = device.connectionString.replace(/localhost:\d+/, `localhost:${line.port}`)
    const agent = await device.start({ connectionString })
    await device.call(request('action-1'))
    await agent.waitFor('rebooting')
    line.sever()
    await agent.waitFor('disconnected')
    expect((await device.reported()).reboot).toBeUndefined()
    line.mend()
    expect(await device.outcome('action-1')).toMatchObject({ status: 'completed' })
  })
})

test.skipIf(localOnly)(
  localTitle('a hub at its limit gets the report a little later, on the connection that there is', 'faults'),
  async () => {
    const { local } = field.target
    if (!local) throw new Error('There is no local hub.')
    const device = await field.newDevice()
    const agent = await device.start()
    const { deviceId } = device
    const effect = { kind: 'status', status: 429 }
    const rules = [{ operation: 'deviceTwinUpdate', device: deviceId, count: 2, effect }]
    const plan = await askHub(local, {
      method: 'PUT',
      path: '/$drover/faults',
      body: JSON.stringify({ rules }),
    })
    expect(plan.status).toBe(200)
    await device.call(request('action-1'))
    expect(await device.outcome('action-1')).toMatchObject({ status: 'completed' })
    const events = agent.lines.map(({ event }) => event)
    expect(events.filter((event) => event === 'report-refused')).toHaveLength(2)
    // Once for the start, and once after the reboot.
    expect(events.filter((event) => event === 'connected')).toHaveLength(2)
  },
)

test('a key that the hub does not know is tried until the hub knows it', async () => {
  const device = await field.newDevice()
  const connectionString = device.connectionString.replace(
    /SharedAccessKey=[^;]+/,
    `SharedAccessKey=${wrongKey}`,
  )
  const agent = await device.launch({ connectionString })
  expect((await agent.waitFor('disconnected', 2))['cause']).toContain('Not authorized')

  const symmetricKey = { primaryKey: wrongKey, secondaryKey: wrongKey }
  await field.service.registry.delete(device.deviceId)
  await field.service.registry.create({ deviceId: device.deviceId, authentication: { symmetricKey } })
  await agent.waitFor('connected')
  expect(await device.call(request('action-1'))).toMatchObject({ status: 202 })
})

test('a hub that forgot the twin is told again who the agent is', async () => {
  const device = await field.newDevice()
  const agent = await device.start()
  const { responseBody } = await field.service.registry.get(device.deviceId)
  await field.service.registry.delete(device.deviceId)
  await agent.waitFor('disconnected')
  const { authentication } = responseBody as { authentication: object }
  await field.service.registry.create({ deviceId: device.deviceId, authentication })
  await eventually(
    () => device.reported(),
    ({ agent: who }) => who !== undefined,
  )
})

test('the newest copy of the record, torn, falls back to the older one', async () => {
  const device = await field.newDevice()
  const agent = await device.start({ killAt: 'after:rebooting' })
  await device.call(request('action-1'))
  await agent.ended
  const newest = join(device.stateFolder, 'agent-state.1')
  expect(await readFile(newest, 'utf8')).toContain('"rebooting"')
  await truncate(newest, 100)

  const again = await device.launch()
  expect((await again.waitFor('found'))['record']).toBe('carry-on')
  expect(again.lines.map(({ event }) => event)).toContain('damaged-record')
  expect(await device.outcome('action-1')).toMatchObject({ status: 'completed' })
})

test('an agent that is asked to end says goodbye at once, and ends well', async () => {
  const device = await field.newDevice()
  const agent = await device.start()
  expect(await agent.stop()).toBe(0)
})

test('an agent that is asked to end while a hub keeps it waiting ends at once', async () => {
  const silence = createServer()
  silence.listen(0, '127.0.0.1')
  await once(silence, 'listening')
  const asked = once(silence, 'connection')
  const { port } = silence.address() as AddressInfo
  const device = await field.newDevice()
  const connectionString = `${device.connectionString.replace(/;GatewayHostName=.*/, '')};GatewayHostName=localhost:${port}`
  const agent = await device.launch({ connectionString })
  const [socket] = (await asked) as [Socket]
  const before = performance.now()
  expect(await agent.stop()).toBe(0)
  expect(performance.now() - before).toBeLessThan(5_000)
  socket.destroy()
  silence.close()
})

test('no line of the log holds the key of the device', async () => {
  const device = await field.newDevice()
  const key = /SharedAccessKey=([^;]+)/.exec(device.connectionString)?.[1] ?? 'no key'
  const agent = await device.start()
  await device.call(request('action-1'))
  await device.outcome('action-1')
  const text = JSON.stringify(agent.lines)
  expect(text).toContain('"rebooting"')
  expect(text).not.toContain(key)
  expect(text).not.toContain('sig=')
})
