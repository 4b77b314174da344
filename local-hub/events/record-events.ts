import { identityOfKey } from '../hub/device-identity.ts'
import type { Identities } from '../hub/device-identity.ts'
import type { DeviceRecord } from '../hub/device-record.ts'
import { etagOfRevision } from '../hub/etag.ts'
import type { Hub } from '../hub/hub.ts'
import type { JsonObject } from '../hub/json.ts'
import { formatTimestamp } from '../hub/timestamp.ts'
import { sectionView } from '../hub/twin-view.ts'
import type { TwinChanged } from '../hub/twins.ts'
import type { EventSource } from './hub-event.ts'
import { twinChangeJson } from './twin-change-json.ts'

interface Notification {
  readonly source: Exclude<EventSource, 'Telemetry'>
  /** `device` or `device/module`. */
  readonly key: string
  readonly operation: string
  readonly schema: string
  readonly body: JsonObject
}

/**
 * From now on tells of devices and modules that come and go, connect and disconnect, and of changes of their twins, as
 * a hub does whose routes send all of it to the built-in endpoint.
 * https://learn.microsoft.com/azure/iot-hub/iot-hub-non-telemetry-event-schema
 */
export function recordEvents(hub: Hub, hubName: string): void {
  const record = (notification: Notification) => {
    append(hub, hubName, notification)
  }
  follow(hub, 'Device', record)
  follow(hub.modules, 'Module', record)
}

function follow(
  { store, twins }: Identities,
  kind: 'Device' | 'Module',
  record: (notification: Notification) => void,
): void {
  let connections = 0
  store.onChange((key, now, before) => {
    const identity = now ?? before
    if (identity && Boolean(now) !== Boolean(before)) record(lifecycleOf(identity, kind, now !== undefined))
    const [is, was] = [now?.connectionState === 'Connected', before?.connectionState === 'Connected']
    if (is === was) return
    connections += 1
    record(
      connectionOf(key, kind, { isConnected: is, number: connections, at: now?.connectionStateUpdatedAt }),
    )
  })
  twins.onChange((changed) => {
    record(twinChangeOf(changed))
  })
}

function append(hub: Hub, hubName: string, { source, key, operation, schema, body }: Notification): void {
  const { deviceId, moduleId } = identityOfKey(key)
  hub.events.append({
    source,
    deviceId,
    moduleId,
    system: { contentType: 'application/json', contentEncoding: 'utf-8' },
    properties: {
      hubName,
      deviceId,
      ...(moduleId !== undefined && { moduleId }),
      opType: operation,
      operationTimestamp: formatTimestamp(hub.clock.now()),
      'iothub-message-schema': schema,
    },
    body: Buffer.from(JSON.stringify(body)),
  })
}

function lifecycleOf(record: DeviceRecord, kind: string, isNew: boolean): Notification {
  const { deviceId: key, twin } = record
  const { deviceId, moduleId } = identityOfKey(key)
  return {
    source: 'deviceLifecycleEvents',
    key,
    operation: `${isNew ? 'create' : 'delete'}${kind}Identity`,
    schema: `${kind.toLowerCase()}LifecycleNotification`,
    body: {
      deviceId,
      ...(moduleId !== undefined && { moduleId }),
      etag: etagOfRevision(twin.revision),
      version: twin.version,
      tags: twin.tags,
      properties: { desired: sectionView(twin.desired), reported: sectionView(twin.reported) },
    },
  }
}

interface ConnectionChange {
  readonly isConnected: boolean
  readonly number: number
  readonly at: number | undefined
}

function connectionOf(
  key: string,
  kind: string,
  { isConnected, number, at = 0 }: ConnectionChange,
): Notification {
  return {
    source: 'deviceConnectionStateEvents',
    key,
    operation: `${kind.toLowerCase()}${isConnected ? 'Connected' : 'Disconnected'}`,
    schema: `${kind.toLowerCase()}ConnectionStateNotification`,
    // Hexadecimal digits that compare as texts in the order of what they tell.
    body: { sequenceNumber: hex(at, 32) + hex(number, 32) },
  }
}

function twinChangeOf(changed: TwinChanged): Notification {
  return {
    source: 'twinChangeEvents',
    key: changed.record.deviceId,
    operation: changed.mode === 'replace' ? 'replaceTwin' : 'updateTwin',
    schema: 'twinChangeNotification',
    body: twinChangeJson(changed),
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0')
}
