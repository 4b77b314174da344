import type { FirmwarePlan } from './plan.ts'
import type { StepOf } from './update-step.ts'
import type { UpdateWork } from './update-work.ts'

/**
 * Waits until the new system is well: the hub has answered, and the owner's own check has nothing against it. Resolves
 * with undefined then, and when the time is over with the last reason why not. Rejects when the agent ends.
 */
export async function awaitHealth(step: StepOf<'trial'>, work: UpdateWork): Promise<string | undefined> {
  const { clock, signal, hub } = work.context
  const deadline = new AbortController()
  const leftMs = Math.max(step.untilUptime - clock.uptime(), 0)
  const over = clock.sleep(leftMs, AbortSignal.any([signal, deadline.signal])).then(
    () => {
      deadline.abort()
    },
    () => undefined,
  )
  const within = AbortSignal.any([signal, deadline.signal])
  let last = 'the hub could not be reached'
  try {
    for (;;) {
      await hub.whenConnected(within)
      const reason = await lookOnce(step.plan, work, within)
      if (reason === undefined) return undefined
      last = reason
      await clock.sleep(work.parts.settings.healthPollMs, within)
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!deadline.signal.aborted) throw error
    return last
  } finally {
    deadline.abort()
    await over
  }
}

async function lookOnce(
  plan: FirmwarePlan,
  { parts, context }: UpdateWork,
  within: AbortSignal,
): Promise<string | undefined> {
  // One that hangs is as good as one that says no.
  const late = 'the health check did not end in time'
  const reason = await parts.checkHealth(plan.version ?? '', within).catch((error: unknown) => {
    context.signal.throwIfAborted()
    if (!within.aborted) throw error
    return late
  })
  if (reason !== undefined) return reason
  // The check may have cut the network that it was to prove.
  return context.hub.isConnected ? undefined : 'the hub is not reached any more'
}
