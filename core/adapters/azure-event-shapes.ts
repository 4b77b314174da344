import { z } from 'zod'
import type { Json } from '../domain/json.ts'
import type { HubEvent } from '../ports/hub-events.ts'

/** JSON.parse made it, so it is JSON. */
const AnyJson = z.custom<Json>((value) => value !== undefined)

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-non-telemetry-event-schema */
const TwinChange = z.object({
  version: z.number().int().catch(0),
  properties: z.object({ reported: AnyJson.optional() }),
})

const sourceKey = 'iothub-message-source'
const deviceKey = 'iothub-connection-device-id'
const moduleKey = 'iothub-connection-module-id'

/** One event of the built-in endpoint, as far as the client hands it over. */
export interface BuiltInEvent {
  readonly body: unknown
  readonly properties?: Readonly<Record<string, unknown>>
  readonly systemProperties?: Readonly<Record<string, unknown>>
}

/** What an event means for a device; undefined for telemetry, for modules, and for what makes no sense. */
export function readEvent({
  body,
  properties = {},
  systemProperties = {},
}: BuiltInEvent): HubEvent | undefined {
  const deviceId = textOf(systemProperties[deviceKey]) ?? textOf(properties['deviceId'])
  const isOfModule = (systemProperties[moduleKey] ?? properties['moduleId']) !== undefined
  if (deviceId === undefined || isOfModule) return undefined
  const source = systemProperties[sourceKey]
  if (source === 'deviceConnectionStateEvents') return readConnection(deviceId, properties['opType'])
  // A twin that was replaced comes whole: what the device had reported before is no news.
  const isPatch = source === 'twinChangeEvents' && properties['opType'] === 'updateTwin'
  return isPatch ? readTwinChange(deviceId, body) : undefined
}

function readConnection(deviceId: string, operation: unknown): HubEvent | undefined {
  if (operation !== 'deviceConnected' && operation !== 'deviceDisconnected') return undefined
  return { kind: 'connection', deviceId, isConnected: operation === 'deviceConnected' }
}

function readTwinChange(deviceId: string, body: unknown): HubEvent | undefined {
  const { data } = TwinChange.safeParse(body)
  const reported = data?.properties.reported
  if (!data || reported === undefined) return undefined
  return { kind: 'reported', deviceId, reported, version: data.version }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
