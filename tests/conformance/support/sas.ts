import { createHmac } from 'node:crypto'

export interface SasOptions {
  /** Seconds since the epoch; the default is an hour from now. */
  readonly expiry?: number
  readonly policy?: string
}

/** A shared access signature, made without the SDK. */
export function sasFor(
  resource: string,
  key: string,
  { expiry = inAnHour(), policy }: SasOptions = {},
): string {
  const sr = encodeURIComponent(resource)
  const signature = createHmac('sha256', Buffer.from(key, 'base64'))
    .update(`${sr}\n${expiry}`)
    .digest('base64')
  const name = policy === undefined ? '' : `&skn=${policy}`
  return `SharedAccessSignature sr=${sr}&sig=${encodeURIComponent(signature)}&se=${expiry}${name}`
}

function inAnHour(): number {
  return Math.floor(Date.now() / 1000) + 3600
}
