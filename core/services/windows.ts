import type { DeviceId } from '../../contract/app/ids.ts'
import type { ActionStarted } from '../domain/journal-record.ts'
import { isTimeZone, WindowOfZone } from '../domain/maintenance-window.ts'
import type { FleetService } from './fleet-service.ts'

/** The longest name of a time zone is half as long; what is longer is somebody's text. */
const longestName = 64

/** The maintenance window of each device, by its time-zone tag; of none where the policy has no window. */
export function windowsOf(
  fleet: FleetService,
  { hubId, policy }: ActionStarted,
): (deviceId: DeviceId) => WindowOfZone | undefined {
  const { window } = policy ?? {}
  if (!window) return () => undefined
  const byZone = new Map<string, WindowOfZone>()
  return (deviceId) => {
    const tag = fleet.tagOf(hubId, deviceId, window.timeZoneTag)
    const isName = tag !== undefined && tag.length <= longestName
    const zone = isName && (byZone.has(tag) || isTimeZone(tag)) ? tag : window.timeZone
    const known = byZone.get(zone) ?? new WindowOfZone(window, zone)
    byZone.set(zone, known)
    return known
  }
}
