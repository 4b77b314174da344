import { randomUUID } from 'node:crypto'
import type { Clock } from '../hub/clock.ts'
import { identityOfKey } from '../hub/device-identity.ts'
import type { Identities } from '../hub/device-identity.ts'
import type { DeviceRecord } from '../hub/device-record.ts'
import type { Hub } from '../hub/hub.ts'
import type { JsonObject } from '../hub/json.ts'
import { formatTimestamp } from '../hub/timestamp.ts'
import type { TwinChanged } from '../hub/twins.ts'
import type { EventSource } from './hub-event.ts'
import { twinChangeJson, wholeTwinJson } from './twin-change-json.ts'

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
  const nextNumber = connectionNumbers(hub.clock)
  follow(hub, { kind: 'Device', nextNumber, record })
  follow(hub.modules, { kind: 'Module', nextNumber, record })
}

interface Following {
  readonly kind: 'Device' | 'Module'
  readonly nextNumber: () => string
  readonly record: (notification: Notification) => void
}

function follow({ store, twins }: Identities, { kind, nextNumber, record }: Following): void {
  store.onChange((key, now, before) => {
    const identity = now ?? before
    if (identity && Boolean(now) !== Boolean(before)) record(lifecycleOf(identity, kind, now !== undefined))
    const [is, was] = [now?.connectionState === 'Connected', before?.connectionState === 'Connected']
    if (is !== was)
      record(connectionOf(key, `${kind.toLowerCase()}${is ? 'Connected' : 'Disconnected'}`, nextNumber()))
  })
  twins.onChange((changed) => {
    record(twinChangeOf(changed))
  })
}

/** Hexadecimal digits that compare as texts in the order of what they tell, also when the clock is set back. */
function connectionNumbers(clock: Clock): () => string {
  let [at, count] = [0, 0]
  return () => {
    at = Math.max(at, clock.now())
    count += 1
    return hex(at, 32) + hex(count, 32)
  }
}

function append(hub: Hub, hubName: string, { source, key, operation, schema, body }: Notification): void {
  const { deviceId, moduleId } = identityOfKey(key)
  hub.events.append({
    source,
    deviceId,
    moduleId,
    system: {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      correlationId: randomUUID(),
      userId: hubName,
    },
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
  return {
    source: 'deviceLifecycleEvents',
    key: record.deviceId,
    operation: `${isNew ? 'create' : 'delete'}${kind}Identity`,
    schema: `${kind.toLowerCase()}LifecycleNotification`,
    body: wholeTwinJson(record),
  }
}

function connectionOf(key: string, operation: string, sequenceNumber: string): Notification {
  return {
    source: 'deviceConnectionStateEvents',
    key,
    operation,
    // Of modules, too.
    schema: 'deviceConnectionStateNotification',
    body: { sequenceNumber },
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
