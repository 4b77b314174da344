import type { TwinChange } from '../hub/changed-twin.ts'
import { HubError, invalid, notImplemented } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { isJsonObject } from '../hub/json.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'
import type { ModuleId } from '../hub/modules.ts'
import { parseDeviceSettings } from './device-json.ts'
import { parseModuleSettings } from './module-json.ts'
import { twinPatchOf } from './twin-routes.ts'

const largestBulk = 100

/** A device or a module, as far as a bulk changes it. */
interface Subject {
  create(item: JsonObject): unknown
  update(item: JsonObject, ifMatch: string): unknown
  delete(ifMatch: string): unknown
  changeTwin(change: TwinChange, ifMatch: string): unknown
}

type Change = (subject: Subject, item: JsonObject) => unknown

const changes: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['create', (subject, item) => subject.create(item)],
  ['update', (subject, item) => subject.update(item, '*')],
  ['updateifmatchetag', (subject, item) => subject.update(item, etagOf(item, 'eTag'))],
  ['delete', (subject) => subject.delete('*')],
  ['deleteifmatchetag', (subject, item) => subject.delete(etagOf(item, 'eTag'))],
  ['updatetwin', (subject, item) => subject.changeTwin(twinPatchOf(item), '*')],
  [
    'updatetwinifmatchetag',
    (subject, item) => subject.changeTwin(twinPatchOf(item), etagOf(item, 'twinETag')),
  ],
])

/**
 * Applies each change by itself and answers which failed.
 * https://learn.microsoft.com/rest/api/iothub/service/bulk-registry/update-registry
 */
export function changeIdentities(hub: Hub, body: JsonValue): JsonObject {
  if (!Array.isArray(body)) throw invalid('The body should be an array of devices')
  const items = body as readonly JsonValue[]
  if (items.length === 0) throw invalid('A bulk has at least one device')
  if (items.length > largestBulk)
    throw new HubError('TooManyDevices', `A bulk has at most ${largestBulk} devices`)
  const byName = Map.groupBy(items, nameOf)
  const errors = items.flatMap((item) => change(hub, item, (byName.get(nameOf(item))?.length ?? 0) > 1))
  return { isSuccessful: errors.length === 0, errors, warnings: [] }
}

/** No error, or one. */
function change(hub: Hub, item: JsonValue, isRepeated: boolean): readonly JsonObject[] {
  const { id = '', moduleId } = isJsonObject(item) ? item : {}
  try {
    if (!isJsonObject(item)) throw invalid('A device of a bulk should be an object')
    if (isRepeated && id !== '')
      throw new HubError('DeviceDefinedMultipleTimes', 'It is in this bulk more than once')
    changeOf(item)(subjectOf(hub, item), item)
    return []
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    const named = { deviceId: textOf(id), ...(textOf(moduleId) !== '' && { moduleId: textOf(moduleId) }) }
    return [{ ...named, errorCode: error.number, errorStatus: error.message }]
  }
}

/** The same for the same device or module. */
function nameOf(item: JsonValue): string {
  const { id, moduleId } = isJsonObject(item) ? item : {}
  return JSON.stringify([textOf(id), textOf(moduleId)])
}

function changeOf(item: JsonObject): Change {
  const mode = item['importMode'] ?? 'create'
  const found = typeof mode === 'string' ? changes.get(mode.toLowerCase()) : undefined
  if (!found) throw notImplemented(`the importMode ${JSON.stringify(mode)}`)
  return found
}

function subjectOf(hub: Hub, { id, moduleId }: JsonObject): Subject {
  const deviceId = textOf(id)
  if (moduleId === undefined || moduleId === null) return deviceOf(hub, deviceId)
  return moduleOf(hub, { deviceId, moduleId: textOf(moduleId) })
}

function deviceOf({ registry, twins }: Hub, deviceId: string): Subject {
  return {
    create: (item) => registry.create(deviceId, { ...parseDeviceSettings(item), twin: twinPatchOf(item) }),
    update: (item, ifMatch) => registry.update(deviceId, parseDeviceSettings(item), ifMatch),
    delete(ifMatch) {
      registry.delete(deviceId, ifMatch)
    },
    changeTwin: (change, ifMatch) => twins.change(deviceId, { change, mode: 'patch', ifMatch }),
  }
}

function moduleOf({ modules }: Hub, id: ModuleId): Subject {
  return {
    create: (item) => modules.create(id, { ...parseModuleSettings(item), twin: twinPatchOf(item) }),
    update: (item, ifMatch) => modules.update(id, parseModuleSettings(item), ifMatch),
    delete(ifMatch) {
      modules.delete(id, ifMatch)
    },
    changeTwin: (change, ifMatch) => modules.changeTwin(id, { change, mode: 'patch', ifMatch }),
  }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : ''
}

function etagOf(item: JsonObject, name: 'eTag' | 'twinETag'): string {
  const etag = item[name] ?? item[name.toLowerCase()]
  if (typeof etag === 'string') return etag
  throw invalid(`This importMode needs ${name === 'eTag' ? 'an eTag' : 'a twinETag'}`)
}
