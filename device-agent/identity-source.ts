import type { ConnectionRecord } from './ports/connection-record.ts'
import type { Attempt, Credentials, HubIdentity, IdentitySource } from './ports/hub-identity.ts'
import type { Log } from './ports/log.ts'

/** How a device is known to a provisioning service. */
export interface Enrolment {
  readonly host: string
  readonly idScope: string
  readonly registrationId: string
}

export interface AssignedHub {
  readonly hostName: string
  readonly deviceId: string
}

/** Asks the service, for as long as it takes. Rejects with its words when it refuses. */
export type Register = (
  enrolment: Enrolment,
  credentials: Credentials,
  attempt: Attempt,
) => Promise<AssignedHub>

/** A device that knows its hub. What proves it is read anew each time: a certificate is renewed while the agent runs. */
export function fixedIdentity(
  place: Omit<HubIdentity, 'credentials'>,
  readCredentials: () => Promise<Credentials>,
): IdentitySource {
  return {
    host: place.gatewayHostName?.replace(/:\d+$/, '') ?? place.hostName,
    current: async () => ({ ...place, credentials: await readCredentials() }),
    doubt: () => undefined,
  }
}

export interface ProvisionedParts {
  readonly enrolment: Enrolment
  readonly gatewayHostName: string | undefined
  readonly readCredentials: () => Promise<Credentials>
  readonly register: Register
  readonly record: ConnectionRecord
  readonly log: Log
}

/** A device whose hub is told to it once, and again when that hub would not have it. */
export function provisionedIdentity(parts: ProvisionedParts): IdentitySource {
  const { enrolment, gatewayHostName, record, log } = parts
  const owner = [enrolment.host, enrolment.idScope, enrolment.registrationId].join('/')
  let isDoubted = false

  async function place(credentials: Credentials, attempt: Attempt): Promise<AssignedHub> {
    const { assignment } = record.known
    if (assignment?.enrolment === owner && !isDoubted) return assignment
    // Asked once for each doubt: a service that is away must not keep the device from a hub that takes it again.
    isDoubted = false
    const assigned = await parts.register(enrolment, credentials, attempt)
    log('assigned', { hub: assigned.hostName, device: assigned.deviceId })
    await record.remember({ assignment: { enrolment: owner, ...assigned } })
    return assigned
  }

  return {
    host: enrolment.host,
    async current(attempt) {
      const credentials = await parts.readCredentials()
      const { hostName, deviceId } = await place(credentials, attempt)
      return { hostName, deviceId, gatewayHostName, credentials }
    },
    doubt() {
      isDoubted = true
    },
  }
}
