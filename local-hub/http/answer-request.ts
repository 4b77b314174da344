import type { IncomingHttpHeaders } from 'node:http'
import { HubError } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import type { Limits } from '../limits/limits.ts'
import { operationOf } from '../limits/operation.ts'
import { assertRight, authenticateService } from '../security/authorize.ts'
import type { Policies } from '../security/policies.ts'
import { errorResponse, methodErrorResponse } from './error-response.ts'
import { findRoute } from './find-route.ts'
import type { FoundRoute } from './find-route.ts'
import { pause } from './pause.ts'
import { admit, charge } from './request-limits.ts'
import type { RequestTarget } from './request-target.ts'
import type { HubResponse, Route } from './route.ts'

export interface ServiceContext {
  readonly hub: Hub
  readonly hostName: string
  readonly policies: Policies
  readonly limits: Limits
  readonly routes: readonly Route[]
}

export interface ServiceRequest {
  readonly method: string
  readonly target: RequestTarget
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

/** Who asks, for what, may they, is there room - and only then the work. Throws HubError. */
export async function answerRequest(
  context: ServiceContext,
  request: ServiceRequest,
  clockOffsetMs = 0,
): Promise<HubResponse> {
  const { headers, target } = request
  const policy = authenticateService(context.policies, {
    authorization: headers.authorization,
    resource: context.hostName + target.path,
    now: context.hub.clock.now() + clockOffsetMs,
  })
  const found = findRoute(context.routes, request.method, target)
  assertRight(policy, found.route.right)
  return handleWithinLimits(context, found, request)
}

async function handleWithinLimits(
  { hub, limits }: ServiceContext,
  { route, params }: FoundRoute,
  { headers, body, target }: ServiceRequest,
): Promise<HubResponse> {
  const operation = operationOf(route)
  try {
    await pause(hub.clock, admit(limits, operation, body))
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return operation === 'directMethod' ? methodErrorResponse(error, undefined) : errorResponse(error)
  }
  const response = await route.handle(hub, { params, parameters: target.parameters, headers, body })
  charge(limits, operation, { body, response })
  return response
}
