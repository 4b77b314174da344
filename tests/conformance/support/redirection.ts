import * as ConnectionString from 'azure-iothub/dist/connection_string.js'
import type { AmqpError } from 'rhea'
import type { HubAddress } from './hub-address.ts'
import { openRawAmqp } from './raw-amqp.ts'
import { sasFor } from './sas.ts'

/**
 * The connection string of the Event Hubs compatible endpoint of a hub, which the hub tells whoever asks it for its
 * events: https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-read-builtin
 */
export async function findEventHubs(address: HubAddress): Promise<string> {
  const { hostName, connectionString } = address
  const { SharedAccessKeyName: policy = '', SharedAccessKey: key = '' } =
    ConnectionString.parse(connectionString)
  const username = `${policy}@sas.root.${hostName.split('.')[0] ?? ''}`
  const password = sasFor(`${hostName}/messages/events`, key, { policy })
  const client = await openRawAmqp(address, { username, password })
  const refusal = await client.refusalOfReceiver(`amqps://${hostName}/messages/events/$management`)
  client.close()
  const { host, name } = addressOf(refusal)
  return `Endpoint=sb://${host}/;SharedAccessKeyName=${policy};SharedAccessKey=${key};EntityPath=${name}`
}

/** `amqps://<host>:<port>/<event hub>/$management` in the details of the refusal. */
function addressOf(refusal: AmqpError | undefined): { host: string; name: string } {
  const { address } = (refusal?.info ?? {}) as { address?: unknown }
  if (refusal?.condition !== 'amqp:link:redirect' || typeof address !== 'string') {
    throw new Error(`The hub gave no address of its events, but ${JSON.stringify(refusal)}.`)
  }
  const { host, pathname } = new URL(address)
  return { host, name: pathname.split('/')[1] ?? '' }
}
