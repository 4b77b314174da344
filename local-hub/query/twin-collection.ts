import { identityOfKey } from '../hub/device-identity.ts'
import type { DeviceRecord, TwinSection } from '../hub/device-record.ts'
import type { JsonObject, JsonValue } from '../hub/json.ts'
import { moduleTwinView } from '../hub/module-view.ts'
import type { TwinRow } from '../hub/query-view.ts'
import { sectionView, twinView } from '../hub/twin-view.ts'
import type { Collection } from './collection.ts'
import { readerOf } from './read-json.ts'
import type { Getter } from './truth.ts'

const deviceFields = [
  'deviceId',
  'etag',
  'deviceEtag',
  'status',
  'statusReason',
  'statusUpdateTime',
  'connectionState',
  'lastActivityTime',
  'cloudToDeviceMessageCount',
  'authenticationType',
  'x509Thumbprint',
  'modelId',
  'version',
  'tags',
  'properties',
  'capabilities',
]

const moduleFields = [...deviceFields.filter((field) => field !== 'capabilities'), 'moduleId']

const refusedFields: ReadonlyMap<string, string> = new Map([
  ['configurations', 'automatic device configurations'],
  ['devicescope', 'IoT Edge devices'],
  ['parentscopes', 'IoT Edge devices'],
])

/** `FROM devices`. */
export function deviceTwins(rows: readonly TwinRow[]): Collection<TwinRow> {
  return twinCollection({ name: 'devices', fields: deviceFields, rows, viewOf: twinView })
}

/** `FROM devices.modules`. */
export function moduleTwins(rows: readonly TwinRow[]): Collection<TwinRow> {
  return twinCollection({ name: 'devices.modules', fields: moduleFields, rows, viewOf: moduleTwinView })
}

interface TwinCollectionOptions extends Pick<Collection<TwinRow>, 'name' | 'fields' | 'rows'> {
  readonly viewOf: (record: DeviceRecord) => JsonObject
}

function twinCollection({ viewOf, ...options }: TwinCollectionOptions): Collection<TwinRow> {
  return {
    ...options,
    refusedFields,
    itemType: 'Twin',
    allowsColumns: true,
    position: ({ sequence }) => sequence,
    view: ({ record }) => viewOf(record),
    read: (segments) => readTwin(segments, viewOf),
  }
}

/** Reads a twin as its view shows it, but builds no more of it than is asked for. */
function readTwin(segments: readonly string[], viewOf: TwinCollectionOptions['viewOf']): Getter<TwinRow> {
  const [root = '', ...rest] = segments
  const read = readerOf(rest)
  switch (root) {
    case 'tags':
      return ({ tags }) => read(tags)
    case 'properties':
      return readProperties(rest)
    case 'deviceId':
      return ({ record }) => read(identityOfKey(record.deviceId).deviceId)
    case 'status':
      return ({ record }) => read(record.status)
    case 'connectionState':
      return ({ record }) => read(record.connectionState)
    default:
      return ({ record }) => read(viewOf(record)[root])
  }
}

function readProperties([name, ...segments]: readonly string[]): Getter<TwinRow> {
  if (name === undefined) return ({ record }) => twinView(record)['properties']
  if (name !== 'desired' && name !== 'reported') return () => undefined
  const readSection = sectionReader(segments)
  return ({ record }) => readSection(record.twin[name])
}

/** The part that the device or the back end wrote is read in place; the hub's own part is put together. */
function sectionReader(segments: readonly string[]): (section: TwinSection) => JsonValue | undefined {
  const read = readerOf(segments)
  const isOwn = segments[0] === undefined || segments[0].startsWith('$')
  return isOwn ? (section) => read(sectionView(section)) : ({ value }) => read(value)
}
