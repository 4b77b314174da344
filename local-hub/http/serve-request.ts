import { HubError } from '../hub/hub-error.ts'
import { isJsonObject, parseJson } from '../hub/json.ts'
import type { FaultTarget, Faults } from '../faults/faults.ts'
import { operationOf } from '../limits/operation.ts'
import { answerRequest } from './answer-request.ts'
import type { ServiceContext, ServiceRequest } from './answer-request.ts'
import { applyFault } from './apply-fault.ts'
import type { Outcome } from './apply-fault.ts'
import { bugResponse, errorResponse } from './error-response.ts'
import { findRoute } from './find-route.ts'
import type { FoundRoute } from './find-route.ts'
import type { HubResponse } from './route.ts'

export interface FaultyContext extends ServiceContext {
  readonly faults: Faults
  /** Hears what should never happen. */
  readonly onBug: (error: unknown) => void
}

/** Answers a request, unless the plan of faults has something else in mind. */
export async function serveRequest(context: FaultyContext, request: ServiceRequest): Promise<Outcome> {
  const { faults, hub } = context
  const execute = async (clockOffsetMs: number): Promise<HubResponse> => {
    try {
      return await answerRequest(context, request, clockOffsetMs)
    } catch (error) {
      return responseTo(error, context.onBug)
    }
  }
  const target = faults.isEmpty ? undefined : faultTargetOf(context, request)
  const effect = target && faults.choose(target)
  return effect ? applyFault(effect, execute, hub.clock) : execute(0)
}

export function responseTo(error: unknown, onBug: (error: unknown) => void): HubResponse {
  if (error instanceof HubError) return errorResponse(error)
  onBug(error)
  return bugResponse()
}

/** `undefined` for a request that no route is for. */
function faultTargetOf({ routes }: ServiceContext, request: ServiceRequest): FaultTarget | undefined {
  const found = tryFindRoute(() => findRoute(routes, request.method, request.target))
  if (!found) return undefined
  const operation = operationOf(found.route)
  return {
    operation,
    deviceId: found.params['deviceId'],
    methodName: operation === 'directMethod' ? methodNameOf(request.body) : undefined,
  }
}

function tryFindRoute(find: () => FoundRoute): FoundRoute | undefined {
  try {
    return find()
  } catch (error) {
    if (error instanceof HubError) return undefined
    throw error
  }
}

function methodNameOf(body: Uint8Array): string | undefined {
  try {
    const json = parseJson(body)
    const name = isJsonObject(json) ? json['methodName'] : undefined
    return typeof name === 'string' ? name : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
