import { expect } from 'vitest'
import { eventually } from '../../conformance/support/eventually.ts'
import type { AgentProcess } from './agent-process.ts'
import { request, type Field } from './field.ts'

export interface Killing {
  readonly field: Field
  /** How many devices are killed side by side. */
  readonly devices: number
  /** How often an agent is killed, all devices together. */
  readonly kills: number
  /** Undefined: the sources. */
  readonly program?: string | undefined
}

/** How long after its call an agent is killed: from before the answer to after the machine is up again. */
const spreadMs = 2_500

/** Kills agents at moments that are spread evenly, each in the middle of an action of its own, and checks each end. */
export async function killAgainAndAgain(killing: Killing): Promise<void> {
  const { devices, kills } = killing
  const moments = Array.from({ length: kills }, (_, index) => Math.round((index * spreadMs) / kills))
  const shares = Array.from({ length: devices }, (_, device) =>
    moments.filter((_, index) => index % devices === device),
  )
  await Promise.all(shares.map((share) => killOneDevice(killing, share)))
}

async function killOneDevice({ field, program }: Killing, moments: readonly number[]): Promise<void> {
  const device = await field.newDevice()
  const options = { parameters: ['--reboot-patience', '3', '--simulate-down', '0.1'], program }
  const bootIds = new Set<string | undefined>()
  let agent = await device.start(options)
  let orders = 0
  for (const [index, killMs] of moments.entries()) {
    const actionId = `action-${index}`
    await killAfter(agent, killMs, device.call(request(actionId)))
    orders += ordersOf(agent)

    agent = await device.launch(options)
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
  orders += ordersOf(agent)
  // The first boot, and one more for each reboot that was ordered and not one besides.
  expect(bootIds.size - 1).toBeLessThanOrEqual(moments.length)
  expect(orders).toBeLessThanOrEqual(moments.length)
}

/** Waits for the answer or the death of the agent, whichever comes first, and then for its death. */
async function killAfter(agent: AgentProcess, killMs: number, answer: Promise<unknown>): Promise<void> {
  setTimeout(() => void agent.kill(), killMs)
  await Promise.race([answer.catch(() => undefined), agent.ended])
  expect(await agent.ended).toEqual({ code: null, signal: 'SIGKILL' })
}

function ordersOf({ lines }: AgentProcess): number {
  return lines.filter(({ event }) => event === 'rebooting').length
}
