import { HubError, invalid } from '../hub/hub-error.ts'
import { changeIdentities } from './bulk.ts'
import { deviceJson, parseDeviceSettings } from './device-json.ts'
import { bodyOf, deviceIdOf, ifMatchOf, objectBodyOf, ok } from './route.ts'
import type { HubRequest, HubResponse, Route } from './route.ts'
import type { Hub } from '../hub/hub.ts'
import type { DeviceRecord } from '../hub/device-record.ts'

/** https://learn.microsoft.com/rest/api/iothub/service/devices */
export const registryRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: ['devices'],
    right: 'RegistryRead',
    handle: (hub, request) => ok(hub.registry.list(topOf(request)).map(deviceJson)),
  },
  {
    method: 'GET',
    path: ['devices', ':deviceId'],
    right: 'RegistryRead',
    handle: (hub, request) => deviceResponse(hub.registry.get(deviceIdOf(request))),
  },
  { method: 'PUT', path: ['devices', ':deviceId'], right: 'RegistryWrite', handle: putDevice },
  {
    method: 'DELETE',
    path: ['devices', ':deviceId'],
    right: 'RegistryWrite',
    handle(hub, request) {
      hub.registry.delete(deviceIdOf(request), ifMatchOf(request))
      return { status: 204 }
    },
  },
  {
    method: 'POST',
    path: ['devices'],
    right: 'RegistryWrite',
    handle(hub, request) {
      const result = changeIdentities(hub, bodyOf(request))
      return { status: result['isSuccessful'] === true ? 200 : 400, json: JSON.stringify(result) }
    },
  },
  { method: 'GET', path: ['statistics', 'devices'], right: 'RegistryRead', handle: getStatistics },
  {
    method: 'GET',
    path: ['statistics', 'service'],
    right: 'RegistryRead',
    handle: (hub) => ok({ connectedDeviceCount: hub.registry.connectedCount() }),
  },
]

/** How many devices are wanted; throws ArgumentInvalid. */
function topOf({ parameters }: HubRequest): number | undefined {
  const top = parameters.get('top')
  if (top === null) return undefined
  if (/^[1-9]\d{0,8}$/.test(top)) return Number(top)
  throw invalid('top should be a positive number')
}

/** Without If-Match a PUT creates, with it a PUT updates. */
function putDevice(hub: Hub, request: HubRequest): HubResponse {
  const deviceId = deviceIdOf(request)
  const body = objectBodyOf(request)
  if (body['deviceId'] !== deviceId) {
    throw new HubError('ArgumentInvalid', 'The deviceId of the body should be the one of the path')
  }
  const settings = parseDeviceSettings(body)
  const ifMatch = request.headers['if-match']
  const { registry } = hub
  return deviceResponse(
    ifMatch === undefined
      ? registry.create(deviceId, settings)
      : registry.update(deviceId, settings, ifMatch),
  )
}

function getStatistics(hub: Hub): HubResponse {
  const { total, enabled, disabled } = hub.registry.statistics()
  return ok({ totalDeviceCount: total, enabledDeviceCount: enabled, disabledDeviceCount: disabled })
}

function deviceResponse(record: DeviceRecord): HubResponse {
  return ok(deviceJson(record), { etag: `"${record.etag}"` })
}
