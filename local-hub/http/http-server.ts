import { createServer } from 'node:https'
import { TLSSocket } from 'node:tls'
import type { Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Faults } from '../faults/faults.ts'
import type { Hub } from '../hub/hub.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Limits } from '../limits/limits.ts'
import { clientCertificateOf } from '../security/client-certificate.ts'
import type { ClientCertificate } from '../security/client-certificate.ts'
import { VerifiedTokens } from '../security/verified-tokens.ts'
import type { Policies } from '../security/policies.ts'
import { tlsOptionsOf } from '../security/tls-options.ts'
import type { ServerIdentity } from '../security/tls-options.ts'
import type { Outcome } from './apply-fault.ts'
import { cloudToDeviceRoutes } from './cloud-to-device-routes.ts'
import { deviceRoutes } from './device-routes.ts'
import { diagnosticsRoutes } from './diagnostics-routes.ts'
import { jobRoutes } from './job-routes.ts'
import { methodRoutes } from './method-routes.ts'
import { moduleRoutes } from './module-routes.ts'
import { queryRoutes } from './query-routes.ts'
import { readBody } from './read-body.ts'
import { registryRoutes } from './registry-routes.ts'
import { parseTarget } from './request-target.ts'
import type { HubResponse, Route } from './route.ts'
import { responseTo, serveRequest } from './serve-request.ts'
import { twinRoutes } from './twin-routes.ts'

export interface HttpServerOptions extends ServerIdentity {
  readonly hub: Hub
  readonly hostName: string
  readonly policies: Policies
  readonly testToken: string | undefined
  readonly limits: Limits
  readonly faults: Faults
  readonly jobs: Jobs
  /** Hears what should never happen. */
  readonly onBug: (error: unknown) => void
}

/** What the network of a hotel answers in the place of the hub. */
const portalPage = '<!doctype html><title>Welcome</title><p>Please accept the terms of this network.</p>'

/** REST over TLS: all of the service side, and messages of devices. */
export function createHttpServer(options: HttpServerOptions): Server {
  const { onBug } = options
  const context = { ...options, routes: routesOf(options), verified: new VerifiedTokens() }
  const server = createServer({ ...tlsOptionsOf(options), shouldUpgradeCallback: wantsWebSocket })
  // Longer than a client's own pool keeps an idle connection, so that it is never the hub that hangs up on a request.
  server.keepAliveTimeout = 120_000
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request)
      .catch((error: unknown) => responseTo(error, onBug))
      .then((outcome) => {
        end(request, response, outcome)
      })
      .catch(onBug)
  })
  return server

  async function answer(request: IncomingMessage): Promise<Outcome> {
    const { method = '', url = '', headers, rawHeaders } = request
    const outcome = await serveRequest(context, {
      method,
      target: parseTarget(url),
      headers,
      rawHeaders,
      certificate: () => certificateOf(request),
      body: await readBody(request),
    })
    // No answer, not even a refusal, tells of what a crash could still undo.
    await context.hub.durability.settled()
    return outcome
  }
}

function routesOf({ limits, faults, jobs }: HttpServerOptions): readonly Route[] {
  return [
    ...registryRoutes,
    ...twinRoutes,
    ...queryRoutes(jobs),
    ...methodRoutes,
    ...moduleRoutes,
    ...deviceRoutes,
    ...cloudToDeviceRoutes,
    ...jobRoutes(jobs),
    ...diagnosticsRoutes({ limits, faults }),
  ]
}

/** A client that would also speak HTTP/2 is answered as it asked; only a WebSocket is another thing. */
function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

function certificateOf({ socket }: IncomingMessage): ClientCertificate | undefined {
  return socket instanceof TLSSocket ? clientCertificateOf(socket) : undefined
}

function end(request: IncomingMessage, response: ServerResponse, outcome: Outcome): void {
  switch (outcome) {
    case 'silence':
      return
    case 'reset':
      return void request.socket.destroy()
    case 'captivePortal':
      return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(portalPage)
    default:
      send(request, response, outcome)
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, json, bytes, headers }: HubResponse,
): void {
  const content = json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }
  const body = bytes ?? json
  // A body of known length is one write together with the head.
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  response.writeHead(status, { server: 'Drover-local-hub', ...content, ...length, ...headers })
  response.end(body)
  // A body that nobody read would block the next request of this connection.
  request.resume()
}
