import { invalid } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { copyJsonObject, emptyJsonObject, isJsonObject } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'
import type { DeviceRecord } from '../hub/device-record.ts'
import { etagOfRevision } from '../hub/etag.ts'
import { twinView } from '../hub/twin-view.ts'
import type { TwinChange } from '../hub/changed-twin.ts'
import { deviceIdOf, ifMatchOf, objectBodyOf, ok } from './route.ts'
import type { HubRequest, HubResponse, Route } from './route.ts'

/** https://learn.microsoft.com/rest/api/iothub/service/devices (Get Twin, Update Twin, Replace Twin) */
export const twinRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: ['twins', ':deviceId'],
    right: 'ServiceConnect',
    handle: (hub, request) => twinResponse(hub.registry.get(deviceIdOf(request))),
  },
  { method: 'PATCH', path: ['twins', ':deviceId'], right: 'ServiceConnect', handle: patchTwin },
  { method: 'PUT', path: ['twins', ':deviceId'], right: 'ServiceConnect', handle: replaceTwin },
]

function patchTwin(hub: Hub, request: HubRequest): HubResponse {
  const change = twinPatchOf(objectBodyOf(request))
  return twinResponse(
    hub.twins.change(deviceIdOf(request), { change, mode: 'patch', ifMatch: ifMatchOf(request) }),
  )
}

/** Throws ArgumentInvalid. */
export function twinPatchOf(body: JsonObject): TwinChange {
  const { tags, desired } = sectionsOf(body)
  return { ...(tags && { tags }), ...(desired && { desired }) }
}

function replaceTwin(hub: Hub, request: HubRequest): HubResponse {
  const change = twinReplacementOf(objectBodyOf(request))
  return twinResponse(
    hub.twins.change(deviceIdOf(request), { change, mode: 'replace', ifMatch: ifMatchOf(request) }),
  )
}

/** Throws ArgumentInvalid. */
export function twinReplacementOf(body: JsonObject): TwinChange {
  const { tags = emptyJsonObject(), desired = emptyJsonObject() } = sectionsOf(body)
  return { tags, desired }
}

/** Everything else in the body (reported properties, state) is not the back end's to change, and is left alone. */
function sectionsOf(body: JsonObject): { tags: JsonObject | undefined; desired: JsonObject | undefined } {
  const properties = sectionOf('properties', body['properties'])
  const desired = sectionOf('properties.desired', properties?.['desired'])
  return { tags: sectionOf('tags', body['tags']), desired: desired && withoutSystemKeys(desired) }
}

function sectionOf(name: string, value: JsonValue | undefined): JsonObject | undefined {
  if (value === undefined || isJsonObject(value)) return value
  throw invalid(`${name} should be an object`)
}

/** A twin that was read and is written back carries what the hub added. */
function withoutSystemKeys(desired: JsonObject): JsonObject {
  const copy = copyJsonObject(desired)
  Reflect.deleteProperty(copy, '$metadata')
  Reflect.deleteProperty(copy, '$version')
  return copy
}

function twinResponse(record: DeviceRecord): HubResponse {
  return ok(twinView(record), { etag: `"${etagOfRevision(record.twin.revision)}"` })
}
