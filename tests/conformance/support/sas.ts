import { createHmac } from 'node:crypto'

export interface SasOptions {
  /** Seconds since the epoch; the default is an hour from now. */
  readonly expiry?: number
  readonly policy?: string
}

/** A shared access signature, made without the SDK. */
export function sasFor(resource: string, key: string, options: SasOptions = {}): string {
  return sign(resource, Buffer.from(key, 'base64'), options)
}

/** The same as Event Hubs has it, which takes the text of the key for the key. */
export function eventsSasFor(resource: string, key: string, options: SasOptions = {}): string {
  return sign(resource, Buffer.from(key), options)
}

/** The key in a connection string. */
export function keyOf(connectionString: string): string {
  return /SharedAccessKey=([^;]*)/.exec(connectionString)?.[1] ?? ''
}

function sign(resource: string, key: Buffer, { expiry = inAnHour(), policy }: SasOptions): string {
  const sr = encodeURIComponent(resource)
  const signature = createHmac('sha256', key).update(`${sr}\n${expiry}`).digest('base64')
  const name = policy === undefined ? '' : `&skn=${policy}`
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(signature)}&se=${expiry}${name}`
}

function inAnHour(): number {
  return Math.floor(Date.now() / 1000) + 3600
}
