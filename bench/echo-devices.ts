import { Client } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'

export const deviceIds: readonly string[] = Array.from({ length: 50 }, (_, index) => `device-${index}`)

/** What either side tells the bench when it is ready. */
export interface Side {
  readonly hostName: string
  readonly httpsPort: number
  readonly caCertificate: string
  readonly connectionString: string
}

/** Devices of the unmodified SDK, which send each payload back. */
export async function connectEchoDevices(
  connectionStringOf: (deviceId: string) => string,
  caCertificate: string,
): Promise<void> {
  for (const deviceId of deviceIds) {
    const client = Client.fromConnectionString(connectionStringOf(deviceId), Mqtt)
    await client.setOptions({ ca: caCertificate })
    await client.open()
    client.onDeviceMethod('echo', (request, response) => {
      void response.send(200, request.payload)
    })
  }
}

export function tellParent(side: Side): void {
  process.send?.(side)
  // Asked how much processor time it has used until now.
  process.on('message', () => process.send?.(processorMs()))
  process.once('disconnect', () => process.exit(0))
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
