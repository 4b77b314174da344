import { request } from 'node:https'
import * as ConnectionString from 'azure-iothub/dist/connection_string.js'
import * as SharedAccessSignature from 'azure-iothub/dist/shared_access_signature.js'
import type { HubAddress } from './hub-address.ts'

type Access = Pick<HubAddress, 'host' | 'connectionString' | 'hostName' | 'httpsPort' | 'caCertificate'>

export interface Diagnostics {
  readonly messages: { total: number; today: number; quota?: number; byKind: Record<string, number> }
  readonly faults: readonly unknown[]
  readonly throttles: Partial<Record<string, { perSecond: number; delayed: number; refused: number }>>
}

export interface RawAnswer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** What is not IoT Hub's, and therefore in no SDK. */
export async function diagnosticsOf(hub: Access): Promise<Diagnostics> {
  const { status, body } = await askHub(hub, { method: 'GET', path: '/$drover/diagnostics' })
  if (status !== 200) throw new Error(`The hub answered ${status}: ${body}`)
  return JSON.parse(body) as Diagnostics
}

/** A signed request, with all that the hub answers: the SDK hides the headers of a refusal. */
export function askHub(
  hub: Access,
  { method, path, body = '' }: { method: string; path: string; body?: string },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: hub.host ?? '127.0.0.1',
        port: hub.httpsPort,
        servername: hub.hostName,
        ca: hub.caCertificate,
        method,
        path: `${path}${path.includes('?') ? '&' : '?'}api-version=2021-04-12`,
        headers: { authorization: tokenOf(hub), ...(body !== '' && { 'content-type': 'application/json' }) },
      },
      (response) => {
        response
          .setEncoding('utf8')
          .toArray()
          .then((chunks) => {
            resolve({ status: response.statusCode, headers: response.headers, body: chunks.join('') })
          }, reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function tokenOf({ connectionString, hostName }: Access): string {
  const { SharedAccessKeyName: policy = '', SharedAccessKey: key = '' } =
    ConnectionString.parse(connectionString)
  const expiresAt = Math.floor(Date.now() / 1000) + 3600
  return SharedAccessSignature.create(hostName, policy, key, expiresAt).toString()
}
