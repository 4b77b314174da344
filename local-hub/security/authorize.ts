import { HubError } from '../hub/hub-error.ts'
import type { Policies, Policy, Right } from './policies.ts'
import { isTestToken } from './test-token.ts'
import { coversResource, isSignedBy, parseSasToken } from './sas-token.ts'
import type { VerifiedToken, VerifiedTokens } from './verified-tokens.ts'

export interface ServiceRequest {
  readonly authorization: string | undefined
  /** Host name and path, decoded. */
  readonly resource: string
  readonly now: number
  /** The `Bearer` token that is accepted, if any. */
  readonly testToken: string | undefined
  /** Spares the verification of a token that was verified before. */
  readonly verified?: VerifiedTokens
}

/** The policy that signed a service request, or whose rights its `Bearer` token has; throws IotHubUnauthorizedAccess. */
export function authenticateService(policies: Policies, request: ServiceRequest): Policy {
  const owner = policies.get('iothubowner')
  if (owner && isTestToken(request.authorization ?? '', request.testToken)) return owner
  const policy = signerOf(policies, request)
  if (!policy) throw new HubError('IotHubUnauthorizedAccess', 'Unauthorized')
  return policy
}

function signerOf(
  policies: Policies,
  { authorization = '', now, resource, verified }: ServiceRequest,
): Policy | undefined {
  const verify = () => verifiedToken(policies, authorization)
  const { token, policy } = (verified ? verified.find(authorization, verify) : verify()) ?? {}
  return token && token.expiresAt > now && coversResource(token, resource) ? policy : undefined
}

function verifiedToken(policies: Policies, text: string): VerifiedToken | undefined {
  const token = parseSasToken(text)
  const policy = token?.keyName === undefined ? undefined : policies.get(token.keyName)
  return token && policy && isSignedBy(token, policy.key) ? { token, policy } : undefined
}

/** Throws IotHubForbidden, naming the right that is missing. */
export function assertRight(policy: Policy, right: Right): void {
  if (policy.rights.has(right)) return
  throw new HubError('IotHubForbidden', `Policy ${policy.name} lacks the right ${right}`)
}
