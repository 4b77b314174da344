import type { Agent } from 'node:https'
// Node finds only some of its exports by name.
import iothub from 'azure-iothub'
import type { Client, JobClient, Registry } from 'azure-iothub'
import { Amqp } from 'azure-iothub/dist/amqp.js'
import { NoRetry } from 'azure-iothub/dist/common-core/retry_policy.js'
import { Http } from 'azure-iothub/dist/common-http/http.js'
import { RestApiClient } from 'azure-iothub/dist/common-http/rest_api_client.js'
import * as ConnectionString from 'azure-iothub/dist/connection_string.js'
import * as SharedAccessSignature from 'azure-iothub/dist/shared_access_signature.js'

/** The unmodified service SDK. */
export interface Service {
  readonly hostName: string
  readonly registry: Registry
  readonly client: Client
  readonly jobs: JobClient
  /** For what the SDK has no method for. */
  readonly rest: RestApiClient
}

export interface MethodCall {
  readonly name: string
  readonly payload?: unknown
  readonly responseSeconds?: number
  readonly connectSeconds?: number
}

export interface MethodResult {
  readonly status: number
  readonly payload: unknown
}

export type Row = Readonly<Record<string, unknown>>

/** The SDK's HTTP, with an agent that its constructors cannot replace. */
class FixedAgentHttp extends Http {
  constructor(agent: Agent) {
    super()
    super.setOptions({ http: { agent } })
  }

  override setOptions(): void {
    // Registry, Client and JobClient would put an agent of their own here.
  }
}

export function openService(connectionString: string, agent: Agent): Service {
  const {
    HostName: host = '',
    SharedAccessKeyName: policy = '',
    SharedAccessKey: key = '',
  } = ConnectionString.parse(connectionString)
  const sharedAccessSignature = SharedAccessSignature.create(host, policy, key, Date.now())
  return openServiceOf({ host, sharedAccessSignature, tokenCredential: undefined }, agent)
}

/** The service SDK as it is used with a sign-in of Microsoft Entra ID. */
export function openServiceWithToken(host: string, token: string, agent: Agent): Service {
  const tokenCredential = {
    getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
  }
  const tokenScope = 'https://iothubs.azure.net/.default'
  return openServiceOf({ host, tokenCredential, tokenScope }, agent)
}

function openServiceOf(config: { readonly host: string } & Record<string, unknown>, agent: Agent): Service {
  const rest = new RestApiClient(config, 'conformance/1.0', new FixedAgentHttp(agent))
  const client = new iothub.Client(new Amqp(config), rest)
  client.setRetryPolicy(new NoRetry())
  return {
    hostName: config.host,
    registry: new iothub.Registry(config, rest),
    client,
    jobs: new iothub.JobClient(rest),
    rest,
  }
}

/** Puts a twin in the place of that of a `device`, or of `device/modules/module`. */
export async function replaceTwin({ rest }: Service, path: string, twin: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'If-Match': '*' }
  await new Promise<void>((resolve, reject) => {
    rest.executeApiCall(
      'PUT',
      `/twins/${path}?api-version=2021-04-12`,
      headers,
      twin,
      (error: Error | null) => {
        if (error) reject(error)
        else resolve()
      },
    )
  })
}

export async function invoke(service: Service, deviceId: string, call: MethodCall): Promise<MethodResult> {
  const { result } = (await service.client.invokeDeviceMethod(deviceId, {
    methodName: call.name,
    payload: call.payload,
    ...(call.responseSeconds !== undefined && { responseTimeoutInSeconds: call.responseSeconds }),
    ...(call.connectSeconds !== undefined && { connectTimeoutInSeconds: call.connectSeconds }),
  })) as { result: MethodResult }
  return result
}

export interface Identity {
  readonly status?: string
  readonly etag?: string
  readonly authentication?: unknown
}

/** Changes the status and keeps all else, keys included. */
export async function setStatus(
  service: Service,
  deviceId: string,
  status: 'enabled' | 'disabled',
): Promise<Identity> {
  const { responseBody: current } = await service.registry.get(deviceId)
  const { responseBody: updated } = await service.registry.update(Object.assign({}, current, { status }))
  return updated
}

/** All pages of a query. */
export async function pagesOf(
  service: Service,
  sql: string,
  pageSize?: number,
): Promise<readonly (readonly Row[])[]> {
  const query = service.registry.createQuery(sql, pageSize)
  const pages: Row[][] = []
  do {
    // Without its token the SDK would ask for the first page for ever.
    const { result } = (await query.next(query.continuationToken)) as { result: Row[] }
    pages.push(result)
  } while (query.hasMoreResults)
  return pages
}

export async function rowsOf(service: Service, sql: string, pageSize?: number): Promise<readonly Row[]> {
  return (await pagesOf(service, sql, pageSize)).flat()
}

/** The error that a call ends with; throws when it does not. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(outcome instanceof Error)) throw new Error('The call should have been refused.')
  const { responseBody = '', response } = outcome as SdkError
  return { name: outcome.name, status: response?.statusCode, body: responseBody }
}

export interface Refusal {
  readonly name: string
  readonly status: number | undefined
  readonly body: string
}

/** The six digits inside the nested body of a refused method call. */
export function errorNumberOf({ body }: Refusal): number | undefined {
  const { Message: nested } = JSON.parse(body) as { Message: string }
  return (JSON.parse(nested) as { errorCode?: number }).errorCode
}

interface SdkError extends Error {
  readonly responseBody?: string
  readonly response?: { readonly statusCode: number }
}
