import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openField, request, type Field } from './support/field.ts'

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(async () => {
  await field.close()
})

/** Runs an action on an agent that dies at this step, starts the agent again, and tells what became of it. */
async function dieAt(killAt: string) {
  const device = await field.newDevice()
  const dying = await device.start({ killAt, parameters: ['--reboot-patience', '2'] })
  const bootId = (await device.reported()).agent?.bootId
  // The answer of an agent that dies before it answers never comes: that is what the hub's timeout is for.
  const answer = device.call(request('action-1')).catch((error: unknown) => error)
  expect(await dying.ended).toEqual({ code: null, signal: 'SIGKILL' })
  const again = await device.launch({ parameters: ['--reboot-patience', '2'] })
  return { device, again, bootId, answer }
}

describe('an agent that is killed with kill -9', () => {
  test.each(['after:accepted', 'before:rebooting'])(
    '%s reboots when it is back, and proves it',
    async (killAt) => {
      const { device, again, bootId } = await dieAt(killAt)
      expect(await device.outcome('action-1')).toMatchObject({ status: 'completed', bootIdBefore: bootId })
      expect(again.lines.filter(({ event }) => event === 'rebooting')).toHaveLength(1)
      expect((await device.reported()).agent?.bootId).not.toBe(bootId)
    },
  )

  test.each(['after:rebooting', 'before:command'])(
    '%s cannot know whether the command was given: the same boot id at the deadline says no',
    async (killAt) => {
      const { device, again, bootId } = await dieAt(killAt)
      expect(await device.outcome('action-1')).toMatchObject({
        ...{ status: 'failed', error: { code: 'did-not-reboot' } },
        ...{ bootIdBefore: bootId, bootIdAfter: bootId },
      })
      expect(again.lines.map(({ event }) => event)).not.toContain('rebooting')
    },
  )

  test.each([
    'after:command',
    'before:finished',
    'after:finished',
    'before:acknowledged',
    'after:acknowledged',
  ])('%s has rebooted: it is reported, and not done again', async (killAt) => {
    const { device, again, bootId } = await dieAt(killAt)
    await again.waitFor('connected')
    const { bootIdBefore, bootIdAfter, status } = await device.outcome('action-1')
    expect({ bootIdBefore, status }).toEqual({ bootIdBefore: bootId, status: 'completed' })
    expect((await device.reported()).agent?.bootId).toBe(bootIdAfter)
    expect(await device.call(request('action-1'))).toMatchObject({
      status: 200,
      payload: { state: 'completed' },
    })
    expect(again.lines.map(({ event }) => event)).not.toContain('rebooting')
  })

  test('before it has written what it is asked for has no part in it, and accepts it when it is asked again', async () => {
    const { device, again, bootId, answer } = await dieAt('before:accepted')
    await again.waitFor('connected')
    expect(await answer).toBeInstanceOf(Error)
    expect((await device.reported()).agent?.bootId).toBe(bootId)
    expect(await device.call(request('action-1'))).toMatchObject({ status: 202 })
    expect(await device.outcome('action-1')).toMatchObject({ status: 'completed', bootIdBefore: bootId })
  })

  test('while nothing is asked of it has not rebooted its machine', async () => {
    const device = await field.newDevice()
    const first = await device.start()
    const before = (await device.reported()).agent
    await first.kill()
    const again = await device.launch()
    expect((await again.waitFor('started'))['bootId']).toBe(before?.bootId)
    await again.waitFor('connected')
    expect((await device.reported()).agent).toEqual(before)
  })
})
