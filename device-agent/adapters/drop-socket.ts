import type { Client } from 'azure-iot-device'

/** Where the SDK keeps the MQTT client; `close()` alone says goodbye, which a machine without power does not. */
const pathToMqttClient = ['_transport', '_mqtt', '_mqttClient']

/** Ends the connection with no DISCONNECT packet. Throws when the SDK has changed so that there is no way to. */
export function dropSocket(client: Client): void {
  const mqttClient = pathToMqttClient.reduce<unknown>(
    (holder, key) => (typeof holder === 'object' && holder !== null ? Reflect.get(holder, key) : undefined),
    client,
  )
  if (!canEnd(mqttClient)) throw new Error('this version of azure-iot-device keeps its socket elsewhere')
  mqttClient.end(true)
}

function canEnd(value: unknown): value is { end(force: boolean): void } {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'end') === 'function'
}
