import { HubError } from '../hub/hub-error.ts'
import type { Policies, Policy, Right } from './policies.ts'
import { coversResource, isSignedBy, parseSasToken } from './sas-token.ts'

export interface ServiceRequest {
  readonly authorization: string | undefined
  /** Host name and path, decoded. */
  readonly resource: string
  readonly now: number
}

/** The policy that signed a service request; throws IotHubUnauthorizedAccess. */
export function authenticateService(policies: Policies, request: ServiceRequest): Policy {
  const token = request.authorization === undefined ? undefined : parseSasToken(request.authorization)
  const policy = token?.keyName === undefined ? undefined : policies.get(token.keyName)
  const isValid =
    token !== undefined &&
    policy !== undefined &&
    isSignedBy(token, policy.key) &&
    token.expiresAt > request.now &&
    coversResource(token, request.resource)
  if (!isValid) throw new HubError('IotHubUnauthorizedAccess', 'Unauthorized')
  return policy
}

/** Throws IotHubForbidden, naming the right that is missing. */
export function assertRight(policy: Policy, right: Right): void {
  if (policy.rights.has(right)) return
  throw new HubError('IotHubForbidden', `Policy ${policy.name} lacks the right ${right}`)
}
