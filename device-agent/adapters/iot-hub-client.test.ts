import { Client } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import { describe, expect, test } from 'vitest'
import { dropSocket } from './drop-socket.ts'
import { iotHubConnector } from './iot-hub-client.ts'

const key = Buffer.from('no real key').toString('base64')
/** Nothing listens on the port 1 of a machine. */
const connectionString = `HostName=hub.example;DeviceId=d;SharedAccessKey=${key};GatewayHostName=localhost:1`

describe('the connector', () => {
  test('rejects when nothing answers, and its words hold no key', async () => {
    const connect = iotHubConnector({ connectionString, log: () => undefined })
    const problem = await connect(new Map()).then(
      () => 'connected',
      (error: unknown) => String(error),
    )
    // The SDK would call it "not authorized", as it calls everything.
    expect(problem).toMatch(/^Error: connect ECONNREFUSED/)
    expect(problem).not.toContain('authorized')
    expect(problem).not.toContain(key)
  })

  test.each(['HostName=h', 'HostName=h;DeviceId=d;x509=true'])('does not begin with %j', (text) => {
    expect(() => iotHubConnector({ connectionString: text, log: () => undefined })).toThrow('SharedAccessKey')
  })
})

describe('dropping the socket', () => {
  test('ends the MQTT client of the SDK by force', () => {
    const client = Client.fromConnectionString(connectionString, Mqtt)
    const ends: unknown[] = []
    const mqttBase = Reflect.get(Reflect.get(client, '_transport'), '_mqtt') as object
    Object.assign(mqttBase, { _mqttClient: { end: (force: boolean) => void ends.push(force) } })
    dropSocket(client)
    expect(ends).toEqual([true])
  })

  test('says so when the SDK has moved its parts', () => {
    const client = Client.fromConnectionString(connectionString, Mqtt)
    Object.assign(client, { _transport: {} })
    expect(() => {
      dropSocket(client)
    }).toThrow('keeps its socket elsewhere')
  })
})
