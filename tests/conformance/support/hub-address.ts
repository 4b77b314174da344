/** Where a hub is and who asks, for what is asked of it without an SDK; a `HubProcess` is one. */
export interface HubAddress {
  /** Absent means on this computer. */
  readonly host?: string
  readonly hostName: string
  readonly httpsPort: number
  readonly mqttsPort: number
  readonly amqpsPort: number
  /** `undefined` for public authorities. */
  readonly caCertificate: string | undefined
  readonly connectionString: string
}

/** The ports of IoT Hub: https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-protocols#port-numbers */
export function liveAddress(connectionString: string): HubAddress {
  const host = /HostName=([^;]*)/.exec(connectionString)?.[1] ?? ''
  const ports = { httpsPort: 443, mqttsPort: 8883, amqpsPort: 5671 }
  return { host, hostName: host, ...ports, caCertificate: undefined, connectionString }
}
