import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../conformance/support/eventually.ts'
import { rounds } from '../support/rounds.ts'
import type { AgentProcess } from './support/agent-process.ts'
import { openField, request, type Field } from './support/field.ts'

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(() => field.close())

/** How long after its call an agent is killed: from before the answer to after the machine is up again. */
const spreadMs = 2_500

/** Waits for whichever comes first: the answer, the death of the agent, or nothing of both. */
async function settled(answer: Promise<unknown>, agent: AgentProcess): Promise<unknown> {
  return Promise.race([answer.catch(() => undefined), agent.ended.then(() => undefined)])
}

test('an agent that is killed again and again, at any moment, reboots its machine once for each action', async () => {
  const device = await field.newDevice()
  const parameters = ['--reboot-patience', '3', '--simulate-down', '0.1']
  const bootIds = new Set<string | undefined>()
  const count = rounds(10, 200)
  let agent = await device.start({ parameters })
  let orders = 0
  for (let index = 0; index < count; index += 1) {
    const actionId = `action-${index}`
    const answer = device.call(request(actionId))
    const killMs = Math.round((index * spreadMs) / count)
    const dying = agent
    setTimeout(() => void dying.kill(), killMs)
    await settled(answer, dying)
    await dying.ended
    orders += dying.lines.filter(({ event }) => event === 'rebooting').length

    agent = await device.launch({ parameters })
    await agent.waitFor('connected')
    // A back end that heard nothing asks again, with the same id.
    await eventually(
      () => device.call(request(actionId)).catch(() => ({ status: 0 })),
      ({ status }) => status === 200 || status === 202,
    )
    const outcome = await device.outcome(actionId)
    const isProven = outcome.bootIdBefore !== outcome.bootIdAfter
    expect(isProven).toBe(outcome.status === 'completed')
    if (!isProven) expect(outcome.error?.code).toBe('did-not-reboot')
    expect(bootIds.has(outcome.bootIdAfter)).toBe(!isProven && bootIds.size > 0)
    bootIds.add(outcome.bootIdBefore).add(outcome.bootIdAfter)
  }
  await agent.stop()
  orders += agent.lines.filter(({ event }) => event === 'rebooting').length
  // The first boot, and one more for each reboot that was ordered and not one besides.
  expect(bootIds.size - 1).toBeLessThanOrEqual(count)
  expect(orders).toBeLessThanOrEqual(count)
}, 1_800_000)
