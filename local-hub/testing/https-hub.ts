import { once } from 'node:events'
import { request } from 'node:https'
import type { Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Faults } from '../faults/faults.ts'
import { createHttpServer } from '../http/http-server.ts'
import type { Hub } from '../hub/hub.ts'
import { keysOf } from '../hub/identity-secrets.ts'
import { createJobs } from '../jobs/create-jobs.ts'
import { createLimits } from '../limits/limits.ts'
import type { Limits } from '../limits/limits.ts'
import { close, listen } from '../listen.ts'
import { createHubCertificate } from '../security/certificates.ts'
import { newPolicies } from '../security/policies.ts'
import type { Policies } from '../security/policies.ts'
import { sas } from './raw-device.ts'

/** The HTTPS side of a hub whose inside the test can reach. */
export interface HttpsHub {
  readonly hub: Hub
  readonly hostName: string
  readonly policies: Policies
  readonly limits: Limits
  readonly bugs: readonly unknown[]
  ask(question: HttpsQuestion): Promise<HttpsAnswer>
  /** A token of the device, or of the module of it. */
  tokenOf(deviceId: string, moduleId?: string): string
  close(): Promise<void>
}

export interface HttpsQuestion {
  readonly method?: string
  /** Without the api-version. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly authorization?: string | undefined
  readonly cert?: string
  readonly key?: string
}

export interface HttpsAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Buffer
}

export async function openHttpsHub(hub: Hub): Promise<HttpsHub> {
  const hostName = 'https.example'
  const bugs: unknown[] = []
  const onBug = (error: unknown) => void bugs.push(error)
  const limits = createLimits(hub.clock, undefined)
  const policies = newPolicies()
  const certificate = await createHubCertificate(hostName)
  const server: Server = createHttpServer({
    hub,
    hostName,
    policies,
    limits,
    certificate,
    deviceAuthorities: [],
    testToken: undefined,
    faults: new Faults(),
    jobs: createJobs(hub, limits, onBug),
    onBug,
  })
  await listen(server, 0)
  const { port } = server.address() as AddressInfo
  return {
    hub,
    hostName,
    policies,
    limits,
    bugs,
    tokenOf(deviceId, moduleId) {
      const record =
        moduleId === undefined ? hub.registry.get(deviceId) : hub.modules.get({ deviceId, moduleId }).identity
      const module = moduleId === undefined ? '' : `/modules/${moduleId}`
      const key = keysOf(record)?.primary ?? ''
      return sas(`${hostName}/devices/${deviceId}${module}`, key, hub.clock.now() + 60_000)
    },
    ask: (question) => ask({ ...question, port, hostName, ca: certificate.authority }),
    async close() {
      server.closeAllConnections()
      await close(server)
    },
  }
}

interface Destination {
  readonly port: number
  readonly hostName: string
  readonly ca: string
}

async function ask(question: HttpsQuestion & Destination): Promise<HttpsAnswer> {
  const { method = 'GET', path, headers = {}, body, authorization, port, hostName, ...tls } = question
  const separator = path.includes('?') ? '&' : '?'
  const outgoing = request({
    host: '127.0.0.1',
    port,
    servername: hostName,
    agent: false,
    method,
    path: `${path}${separator}api-version=2021-04-12`,
    headers: { ...headers, ...(authorization !== undefined && { authorization }) },
    ...tls,
  })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer> & HttpsResponse]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }
}

interface HttpsResponse {
  readonly statusCode: number
  readonly headers: HttpsAnswer['headers']
}
