import { HubError } from './hub-error.ts'

/** Devices and modules together: https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling#other-limits */
export const mostIdentities = 1_000_000

/** Throws IotHubQuotaExceeded when a hub with so many devices and modules has no room for one more. */
export function assertRoom(identities: number, most = mostIdentities): void {
  if (identities < most) return
  throw new HubError(
    'IotHubQuotaExceeded',
    `Total number of devices on IotHub exceeded the allocated quota. Max allowed device count : '${most}', current device count : '${identities}'.`,
  )
}
