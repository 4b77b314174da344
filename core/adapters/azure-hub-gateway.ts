import iothub from 'azure-iothub'
import { NoRetry } from 'azure-iothub/dist/common-core/retry_policy.js'
import { RestApiClient } from 'azure-iothub/dist/common-http/rest_api_client.js'
import type { DeviceId } from '../../contract/app/ids.ts'
import { fault } from '../../contract/faults.ts'
import type { HubConnection } from '../domain/connection-string.ts'
import { fleetQuery, type TwinPath } from '../domain/fleet-query.ts'
import { reportQuery } from '../domain/report-query.ts'
import type {
  AskedReports,
  DeviceTwin,
  HubGateway,
  MethodAnswer,
  MethodCall,
  QueriedDevice,
  StatusCount,
  TwinPatch,
} from '../ports/hub-gateway.ts'
import type { HubEvents } from '../ports/hub-events.ts'
import type { HubJobs } from '../ports/hub-jobs.ts'
import { toAppError } from './azure-errors.ts'
import { AzureHubEvents } from './azure-hub-events.ts'
import { AzureHubJobs } from './azure-hub-jobs.ts'
import { hubAgent, HubHttp } from './azure-http.ts'
import { refuseLoop } from './azure-paging.ts'
import { readFleetPage, readMethodAnswer, readStatusCounts, readTwin, twinChange } from './azure-shapes.ts'

const userAgent = 'drover'
const pageSize = 1000
const readTimeoutMs = 30_000
const checkTimeoutMs = 15_000

/** The hub counts its own timeout first; ours only ends a call that the hub has forgotten. */
const graceMs = 10_000

/** One IoT Hub through `azure-iothub`, with one REST client that Registry and Client share. */
export class AzureHubGateway implements HubGateway {
  readonly hostName: string
  readonly jobs: HubJobs
  readonly events: HubEvents
  readonly #http: HubHttp
  readonly #registry: iothub.Registry
  readonly #client: iothub.Client
  #isClosed = false

  /** Throws for an extra CA that is not a list of PEM certificates. */
  constructor(connection: HubConnection, extraCa?: string) {
    const { hostName: host, policyName, sharedAccessKey, gateway } = connection
    this.hostName = host
    this.#http = new HubHttp({ gateway, extraCa, hostName: host })
    // The SDK signs anew for each request, an hour ahead; the expiry given here is never used.
    const sharedAccessSignature = iothub.SharedAccessSignature.create(
      host,
      policyName,
      sharedAccessKey,
      Date.now(),
    )
    const config = { host, sharedAccessSignature }
    const rest = new RestApiClient(config, userAgent, this.#http)
    this.#registry = new iothub.Registry(config, rest)
    this.#client = new iothub.Client(new iothub.Amqp(config), rest)
    // The SDK would send a direct method again on 500, 503 and 429, for four minutes.
    this.#client.setRetryPolicy(new NoRetry())
    this.events = new AzureHubEvents({ connection, agent: hubAgent({ gateway, extraCa, hostName: host }) })
    this.jobs = new AzureHubJobs({
      client: new iothub.JobClient(rest),
      registry: this.#registry,
      call: (signal, ask) => this.#call(signal, readTimeoutMs, ask),
    })
  }

  async *listDevices(
    paths: readonly TwinPath[],
    signal: AbortSignal,
  ): AsyncGenerator<readonly QueriedDevice[]> {
    const query = this.#registry.createQuery(fleetQuery(paths), pageSize)
    const seen = new Set<string>()
    do {
      // Without the token as argument the SDK's promise form answers the first page for ever.
      const page = await this.#call(signal, readTimeoutMs, () => query.next(query.continuationToken))
      yield readFleetPage(page.result, paths)
      refuseLoop(seen, query.continuationToken)
    } while (query.hasMoreResults)
  }

  async check(signal: AbortSignal): Promise<void> {
    const query = this.#registry.createQuery('SELECT deviceId FROM devices', 1)
    const page = await this.#call(signal, checkTimeoutMs, () => query.next())
    readFleetPage(page.result, [])
  }

  async countReports(asked: AskedReports, signal: AbortSignal): Promise<readonly StatusCount[]> {
    const query = this.#registry.createQuery(reportQuery(asked), pageSize)
    const page = await this.#call(signal, readTimeoutMs, () => query.next())
    return readStatusCounts(page.result)
  }

  async readTwin(deviceId: DeviceId, signal: AbortSignal): Promise<DeviceTwin> {
    const { responseBody } = await this.#call(signal, readTimeoutMs, () => this.#registry.getTwin(deviceId))
    return readTwin(responseBody)
  }

  async invokeMethod(call: MethodCall, signal: AbortSignal): Promise<MethodAnswer> {
    const parameters = {
      methodName: call.methodName,
      payload: call.payload,
      responseTimeoutInSeconds: Math.ceil(call.responseTimeoutMs / 1000),
    }
    const answer = await this.#call(signal, call.responseTimeoutMs + graceMs, () =>
      this.#client.invokeDeviceMethod(call.deviceId, parameters),
    )
    return readMethodAnswer(answer.result)
  }

  async patchTwin({ deviceId, sections, etag = '*' }: TwinPatch, signal: AbortSignal): Promise<number> {
    const { responseBody } = await this.#call(signal, readTimeoutMs, () =>
      this.#registry.updateTwin(deviceId, twinChange(sections), etag),
    )
    return readTwin(responseBody).version
  }

  close(): void {
    this.#isClosed = true
    this.#http.close()
  }

  async #call<T>(signal: AbortSignal, timeoutMs: number, ask: () => Promise<T>): Promise<T> {
    if (signal.aborted) throw fault('cancelled')
    if (this.#isClosed) throw fault('hub-closed')
    try {
      return await this.#http.within(AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]), ask)
    } catch (error) {
      throw toAppError(error)
    }
  }
}
