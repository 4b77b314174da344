import { Client } from 'azure-iot-device'
import { Amqp } from 'azure-iot-device-amqp'
import type { Target } from './target.ts'

/** A device of the SDK over AMQP, connected. */
export async function openAmqpDevice(target: Target, connectionString: string): Promise<Client> {
  const { local } = target
  const overAmqp = local
    ? connectionString.replace(/GatewayHostName=[^;]*/, `GatewayHostName=localhost:${local.amqpsPort}`)
    : connectionString
  const client = Client.fromConnectionString(overAmqp, Amqp)
  if (target.ca !== undefined) await client.setOptions({ ca: target.ca })
  await client.open()
  return client
}
