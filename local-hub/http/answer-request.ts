import type { IncomingHttpHeaders } from 'node:http'
import type { SenderAuthentication } from '../events/hub-event.ts'
import type { DeviceIdentity } from '../hub/device-identity.ts'
import { HubError } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import type { Limits } from '../limits/limits.ts'
import { operationOf } from '../limits/operation.ts'
import { assertRight, authenticateService } from '../security/authorize.ts'
import type { ClientCertificate } from '../security/client-certificate.ts'
import {
  authenticateDeviceCertificate,
  authenticateDeviceToken,
  senderOf,
} from '../security/device-access.ts'
import type { Policies } from '../security/policies.ts'
import { deviceOfPath } from './device-routes.ts'
import { errorResponse, methodErrorResponse } from './error-response.ts'
import { findRoute } from './find-route.ts'
import type { FoundRoute } from './find-route.ts'
import { pause } from './pause.ts'
import { admit, charge } from './request-limits.ts'
import type { VerifiedTokens } from '../security/verified-tokens.ts'
import type { RequestTarget } from './request-target.ts'
import type { HubResponse, Route } from './route.ts'

export interface ServiceContext {
  readonly hub: Hub
  readonly hostName: string
  readonly policies: Policies
  readonly testToken: string | undefined
  readonly limits: Limits
  readonly routes: readonly Route[]
  readonly verified: VerifiedTokens
}

export interface ServiceRequest {
  readonly method: string
  readonly target: RequestTarget
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
  /** What the client of the connection showed. */
  readonly certificate: () => ClientCertificate | undefined
}

interface AllowedRequest {
  readonly found: FoundRoute
  readonly sender: SenderAuthentication | undefined
}

/** Who asks, for what, may they, is there room - and only then the work. Throws HubError. */
export async function answerRequest(
  context: ServiceContext,
  request: ServiceRequest,
  clockOffsetMs = 0,
): Promise<HubResponse> {
  const identity = deviceOfPath(request.target.path)
  const allowed = identity
    ? allowDevice(context, request, identity)
    : allowService(context, request, clockOffsetMs)
  return handleWithinLimits(context, request, allowed)
}

function allowService(
  context: ServiceContext,
  request: ServiceRequest,
  clockOffsetMs: number,
): AllowedRequest {
  const { headers, target } = request
  const policy = authenticateService(context.policies, {
    authorization: headers.authorization,
    resource: context.hostName + target.path,
    now: context.hub.clock.now() + clockOffsetMs,
    testToken: context.testToken,
    verified: context.verified,
  })
  const found = findRoute(context.routes, request.method, target)
  assertRight(policy, found.route.right)
  return { found, sender: undefined }
}

/** By its token, or without one by its certificate. */
function allowDevice(
  context: ServiceContext,
  request: ServiceRequest,
  identity: DeviceIdentity,
): AllowedRequest {
  const token = request.headers.authorization
  const isAllowed =
    token === undefined
      ? authenticateDeviceCertificate(context, identity, request.certificate())
      : authenticateDeviceToken(context, identity, token) !== undefined
  if (!isAllowed) throw new HubError('IotHubUnauthorizedAccess', 'Unauthorized')
  return {
    found: findRoute(context.routes, request.method, request.target),
    sender: senderOf(context.hub, identity, token),
  }
}

async function handleWithinLimits(
  { hub, limits }: ServiceContext,
  { method, headers, rawHeaders, body, target }: ServiceRequest,
  { found: { route, params }, sender }: AllowedRequest,
): Promise<HubResponse> {
  const operation = operationOf(route)
  try {
    await pause(hub.clock, admit(limits, operation, { method, body }))
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return operation === 'directMethod' ? methodErrorResponse(error, undefined) : errorResponse(error)
  }
  const { parameters } = target
  const response = await route.handle(hub, { params, parameters, headers, rawHeaders, body, sender })
  charge(limits, operation, { body, response })
  return response
}
