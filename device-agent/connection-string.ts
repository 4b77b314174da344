const always = ['HostName', 'DeviceId'] as const

/** What the connection string of a device says. */
export interface DeviceConnectionString {
  readonly hostName: string
  readonly deviceId: string
  /** The host to connect to instead of the hub, with its port where that is not the usual one. */
  readonly gatewayHostName: string | undefined
  /** Undefined: the device has a certificate, as `x509=true` says. */
  readonly key: string | undefined
}

/** Says which part of a device's connection string is missing; undefined when none is. Never quotes a value. */
export function problemOfConnectionString(text: string): string | undefined {
  const parts = partsOf(text)
  const wanted = hasCertificate(parts) ? always : ([...always, 'SharedAccessKey'] as const)
  const missing = wanted.filter((name) => !parts.has(name))
  if (missing.length === 0) return undefined
  const isOfHub = parts.has('SharedAccessKeyName')
  const hint = isOfHub ? '; this is the connection string of a hub, and a device needs its own' : ''
  return `the connection string has no ${missing.join(', ')}${hint}`
}

/** Reads a connection string; throws with the part that it lacks. */
export function parseConnectionString(text: string): DeviceConnectionString {
  const problem = problemOfConnectionString(text)
  if (problem !== undefined) throw new Error(problem)
  const parts = partsOf(text)
  return {
    hostName: parts.get('HostName') ?? '',
    deviceId: parts.get('DeviceId') ?? '',
    gatewayHostName: parts.get('GatewayHostName'),
    key: hasCertificate(parts) ? undefined : parts.get('SharedAccessKey'),
  }
}

function hasCertificate(parts: ReadonlyMap<string, string>): boolean {
  return parts.get('x509')?.toLowerCase() === 'true'
}

function partsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(';').flatMap((part): [string, string][] => {
      const [name = '', ...rest] = part.split('=')
      const value = rest.join('=').trim()
      return value === '' ? [] : [[name.trim(), value]]
    }),
  )
}
