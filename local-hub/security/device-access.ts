import type { SenderAuthentication } from '../events/hub-event.ts'
import type { DeviceRecord } from '../hub/device-record.ts'
import type { Hub } from '../hub/hub.ts'
import type { ClientCertificate } from './client-certificate.ts'
import { isCertificateOf } from './client-certificate.ts'
import type { DeviceIdentity } from '../hub/device-identity.ts'
import { identitiesOf, identityKey } from '../hub/device-identity.ts'
import type { Policies } from './policies.ts'
import { coversResource, isSignedBy, parseSasToken } from './sas-token.ts'
import type { SasToken } from './sas-token.ts'

export interface DeviceAccess {
  readonly hub: Hub
  readonly hostName: string
  readonly policies: Policies
}

/**
 * When the token expires (milliseconds since the epoch), or `undefined` when it does not let this device or module in
 * now. Tokens are signed with a key of the identity, or with a policy that may connect devices.
 * https://learn.microsoft.com/azure/iot-hub/authenticate-authorize-sas
 */
export function authenticateDeviceToken(
  access: DeviceAccess,
  identity: DeviceIdentity,
  text: string,
): number | undefined {
  const record = enabledIdentity(access.hub, identity)
  const token = parseSasToken(text)
  if (!record || !token || token.expiresAt <= access.hub.clock.now()) return undefined
  const isValid = isFor(token, access.hostName, identity) && isSignedFor(access.policies, record, token)
  return isValid ? token.expiresAt : undefined
}

/** How an identity that was let in proved who it is: with this token, or without one with its certificate. */
export function senderOf(
  hub: Hub,
  identity: DeviceIdentity,
  token: string | undefined,
): SenderAuthentication | undefined {
  const scope = identity.moduleId === undefined ? 'device' : 'module'
  const type = enabledIdentity(hub, identity)?.credentials.type
  if (token !== undefined) return { scope: parseSasToken(token)?.keyName ? 'hub' : scope, type: 'sas' }
  if (type === 'selfSigned') return { scope, type: 'x509Certificate' }
  return type === 'certificateAuthority' ? { scope, type: 'x509Authority' } : undefined
}

/** Whether the certificate that the client showed lets this device or module in now. */
export function authenticateDeviceCertificate(
  { hub }: Pick<DeviceAccess, 'hub'>,
  identity: DeviceIdentity,
  certificate: ClientCertificate | undefined,
): boolean {
  const record = enabledIdentity(hub, identity)
  return (
    record !== undefined && certificate !== undefined && isCertificateOf(record, certificate, hub.clock.now())
  )
}

function enabledIdentity(hub: Hub, identity: DeviceIdentity): DeviceRecord | undefined {
  const record = identitiesOf(hub, identity).store.get(identityKey(identity))
  return record?.status === 'enabled' ? record : undefined
}

/** Clients differ in whether they escape the ids, and how often. */
function isFor(token: SasToken, hostName: string, { deviceId, moduleId }: DeviceIdentity): boolean {
  return [(id: string) => id, encodeURIComponent].some((write) => {
    const module = moduleId === undefined ? '' : `/modules/${write(moduleId)}`
    return coversResource(token, `${hostName}/devices/${write(deviceId)}${module}`)
  })
}

function isSignedFor(policies: Policies, { credentials }: DeviceRecord, token: SasToken): boolean {
  if (token.keyName !== undefined && token.keyName !== '') {
    const policy = policies.get(token.keyName)
    return policy !== undefined && policy.rights.has('DeviceConnect') && isSignedBy(token, policy.key)
  }
  if (credentials.type !== 'sas') return false
  const { primary, secondary } = credentials.keys
  return isSignedBy(token, primary) || isSignedBy(token, secondary)
}
