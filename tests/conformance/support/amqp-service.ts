import { Client } from 'azure-iothub'
import { Amqp } from 'azure-iothub/dist/amqp.js'
import { Amqp as AmqpBase } from 'azure-iothub/dist/common-amqp/amqp.js'
import type { Target } from './target.ts'

/** A client of the service SDK over AMQP; against the local hub with its port and its authority. */
export function amqpClient(target: Target, connectionString = target.connectionString): Client {
  const { local } = target
  if (!local) return Client.fromConnectionString(connectionString)
  class LocalBase extends AmqpBase {
    override connect(config: Config, done: never): void {
      super.connect(
        {
          ...config,
          uri: `amqps://localhost:${local?.amqpsPort}`,
          sslOptions: { ca: local?.caCertificate },
          policyOverride: { servername: local?.hostName },
        },
        done,
      )
    }
  }
  class LocalAmqp extends Amqp {
    constructor(config: never) {
      super(config, new LocalBase(true))
    }
  }
  return Client.fromConnectionString(connectionString, LocalAmqp as never)
}

type Config = Parameters<AmqpBase['connect']>[0]
