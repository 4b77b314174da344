import { HubError, invalid, notImplemented } from '../hub/hub-error.ts'
import { isJsonObject } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'
import type { Registry } from '../hub/registry.ts'
import { parseDeviceSettings } from './device-json.ts'

const largestBulk = 100

type Change = (registry: Registry, deviceId: string, item: JsonObject) => void

const changes: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['create', (registry, deviceId, item) => registry.create(deviceId, parseDeviceSettings(item))],
  ['update', (registry, deviceId, item) => registry.update(deviceId, parseDeviceSettings(item), '*')],
  [
    'updateifmatchetag',
    (registry, deviceId, item) => registry.update(deviceId, parseDeviceSettings(item), etagOf(item)),
  ],
  ['delete', (registry, deviceId) => registry.delete(deviceId, '*')],
  ['deleteifmatchetag', (registry, deviceId, item) => registry.delete(deviceId, etagOf(item))],
])

/**
 * Applies each change by itself and answers which failed.
 * https://learn.microsoft.com/rest/api/iothub/service/bulk-registry/update-registry
 */
export function changeDevices(registry: Registry, body: JsonValue): JsonObject {
  if (!Array.isArray(body)) throw invalid('The body should be an array of devices')
  const items = body as readonly JsonValue[]
  if (items.length === 0 || items.length > largestBulk)
    throw invalid(`A bulk has 1 to ${largestBulk} devices`)
  const errors = items.flatMap((item) => change(registry, item))
  return { isSuccessful: errors.length === 0, errors, warnings: [] }
}

/** No error, or one. */
function change(registry: Registry, item: JsonValue): readonly JsonObject[] {
  const deviceId = isJsonObject(item) && typeof item['id'] === 'string' ? item['id'] : ''
  try {
    if (!isJsonObject(item)) throw invalid('A device of a bulk should be an object')
    changeOf(item)(registry, deviceId, item)
    return []
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return [{ deviceId, errorCode: error.number, errorStatus: error.message }]
  }
}

function changeOf(item: JsonObject): Change {
  const mode = item['importMode'] ?? 'create'
  const found = typeof mode === 'string' ? changes.get(mode.toLowerCase()) : undefined
  if (!found) throw notImplemented(`the importMode ${JSON.stringify(mode)}`)
  return found
}

function etagOf(item: JsonObject): string {
  if (typeof item['eTag'] === 'string') return item['eTag']
  if (typeof item['etag'] === 'string') return item['etag']
  throw invalid('An importMode with IfMatchETag needs an eTag')
}
