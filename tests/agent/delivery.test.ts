import { afterAll, beforeAll, expect, test } from 'vitest'
import { openField, request, type Field } from './support/field.ts'

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(async () => {
  await field.close()
})

test('a reboot is accepted, done, and proven by another boot id', async () => {
  const device = await field.newDevice()
  const agent = await device.start()
  const before = (await device.reported()).agent
  expect(before).toMatchObject({
    platform: 'simulated',
    actions: expect.arrayContaining(['reboot', 'factoryReset']) as string[],
  })

  const answer = await device.call(request('action-1', { reason: 'because' }))
  expect(answer).toEqual({ status: 202, payload: { actionId: 'action-1', state: 'accepted' } })

  const outcome = await device.outcome('action-1')
  const after = (await device.reported()).agent
  expect(outcome).toMatchObject({
    status: 'completed',
    bootIdBefore: before?.bootId,
    bootIdAfter: after?.bootId,
  })
  expect(outcome.bootIdAfter).not.toBe(outcome.bootIdBefore)
  const downMs = Date.parse(outcome.endedAt ?? '') - Date.parse(outcome.startedAt ?? '')
  expect(downMs).toBeGreaterThanOrEqual(300)
  expect(outcome.lastReboot).toBe(outcome.endedAt)
  expect(agent.lines.filter(({ event }) => event === 'reported')).toHaveLength(2)
})

test('the same action id delivered twice has one effect and one answer', async () => {
  const device = await field.newDevice()
  const agent = await device.start()
  const wanted = request('action-1')
  const [first, second] = await Promise.all([device.call(wanted), device.call(wanted)])
  expect(second).toEqual(first)
  await device.outcome('action-1')

  expect(await device.call(wanted)).toEqual({
    status: 200,
    payload: { actionId: 'action-1', state: 'completed' },
  })
  expect(await device.call(request('action-1', { delaySeconds: 1 }))).toMatchObject({
    ...{ status: 409, payload: { actionId: 'action-1', state: 'refused' } },
  })
  expect(agent.lines.filter(({ event }) => event === 'rebooting')).toHaveLength(1)
})

test('another action is refused while one runs, with the id of the one that runs', async () => {
  const device = await field.newDevice()
  await device.start()
  await device.call(request('action-1', { delaySeconds: 60 }))
  expect(await device.call(request('action-2'))).toMatchObject({
    ...{ status: 409, payload: { actionId: 'action-1', state: 'accepted' } },
  })
})

test('the back end of the tutorial sees what it knows: its answer, and then lastReboot', async () => {
  const device = await field.newDevice()
  const agent = await device.start()
  expect(await device.call(null)).toEqual({ status: 200, payload: 'Reboot started' })
  await agent.waitFor('reported', 2)
  const { reboot } = await device.reported()
  expect(reboot).toMatchObject({ status: 'completed' })
  expect(Date.parse(reboot?.lastReboot ?? '')).not.toBeNaN()
})

test('a payload that is encoded twice is understood', async () => {
  const device = await field.newDevice()
  await device.start()
  const answer = await device.call(JSON.stringify(request('action-1')))
  expect(answer).toEqual({ status: 202, payload: { actionId: 'action-1', state: 'accepted' } })
})

test('a request that comes after its time, or is none, is refused and has no effect', async () => {
  const device = await field.newDevice()
  const agent = await device.start()
  const late = await device.call({ actionId: 'action-1', notAfter: '2020-01-01T00:00:00Z' })
  expect(late).toMatchObject({ status: 410, payload: { actionId: 'action-1', state: 'refused' } })
  expect(await device.call({ actionId: 'action-2' })).toMatchObject({
    status: 400,
    payload: { actionId: 'action-2' },
  })
  expect(await device.call(7)).toMatchObject({ status: 400, payload: { state: 'refused' } })
  expect(agent.lines.filter(({ accepted }) => accepted === true)).toEqual([])
})
