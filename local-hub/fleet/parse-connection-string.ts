/** What a device's connection string says, as `FleetHub.createDevice` answers it. */
export interface DeviceAccess {
  readonly hostName: string
  readonly deviceId: string
  /** Base64. */
  readonly key: string
  /** Of the loopback interface. */
  readonly port: number
}

export function parseConnectionString(text: string): DeviceAccess {
  const parts = new Map(
    text.split(';').map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]),
  )
  const find = (name: string): string => {
    const value = parts.get(name)
    if (value === undefined) throw new Error(`The connection string of a device should have ${name}.`)
    return value
  }
  return {
    hostName: find('HostName'),
    deviceId: find('DeviceId'),
    key: find('SharedAccessKey'),
    port: Number(find('GatewayHostName').split(':')[1]),
  }
}
