import type { FaultPlan } from '../faults/fault-plan.ts'
import type { Faults } from '../faults/faults.ts'
import { invalid } from '../hub/hub-error.ts'
import { toJsonObject } from '../hub/json.ts'
import type { Limits } from '../limits/limits.ts'
import { bodyOf, ok } from './route.ts'
import type { HubRequest, Route } from './route.ts'

/** Nothing of IoT Hub: what this hub has counted, and what it shall do wrong. */
export function diagnosticsRoutes({ limits, faults }: { limits: Limits; faults: Faults }): readonly Route[] {
  const { tier, meter, throttles } = limits
  return [
    {
      method: 'GET',
      path: ['$drover', 'diagnostics'],
      right: 'ServiceConnect',
      handle: () =>
        ok(
          toJsonObject({
            tier,
            messages: meter.counts(),
            throttles: throttles.counts(),
            faults: faults.counts(),
          }),
        ),
    },
    {
      method: 'PUT',
      path: ['$drover', 'faults'],
      right: 'ServiceConnect',
      async handle(_hub, request) {
        const plan = await planOf(request)
        faults.replace(plan)
        return ok({ rules: plan.rules.length })
      },
    },
  ]
}

/** Throws ArgumentInvalid. What reads plans is loaded with the first one: a hub without faults starts sooner. */
async function planOf(request: HubRequest): Promise<FaultPlan> {
  const { parseFaultPlan } = await import('../faults/fault-plan.ts')
  try {
    return parseFaultPlan(bodyOf(request))
  } catch (error) {
    if (error instanceof RangeError) throw invalid(error.message)
    throw error
  }
}
