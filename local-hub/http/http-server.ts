import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Faults } from '../faults/faults.ts'
import type { Hub } from '../hub/hub.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Limits } from '../limits/limits.ts'
import type { HubCertificate } from '../security/certificates.ts'
import type { Policies } from '../security/policies.ts'
import type { Outcome } from './apply-fault.ts'
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

export interface HttpServerOptions {
  readonly hub: Hub
  readonly hostName: string
  readonly policies: Policies
  readonly limits: Limits
  readonly faults: Faults
  readonly jobs: Jobs
  readonly certificate: HubCertificate
  /** Hears what should never happen. */
  readonly onBug: (error: unknown) => void
}

/** What the network of a hotel answers in the place of the hub. */
const portalPage = '<!doctype html><title>Welcome</title><p>Please accept the terms of this network.</p>'

/** The service side of the hub: REST over TLS. */
export function createHttpServer(options: HttpServerOptions): Server {
  const { certificate, onBug } = options
  const context = { ...options, routes: routesOf(options) }
  const server = createServer({ key: certificate.privateKey, cert: certificate.certificate })
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
    const { method = '', url = '', headers } = request
    return serveRequest(context, {
      method,
      target: parseTarget(url),
      headers,
      body: await readBody(request),
    })
  }
}

function routesOf({ limits, faults, jobs }: HttpServerOptions): readonly Route[] {
  return [
    ...registryRoutes,
    ...twinRoutes,
    ...queryRoutes(jobs),
    ...methodRoutes,
    ...moduleRoutes,
    ...jobRoutes(jobs),
    ...diagnosticsRoutes({ limits, faults }),
  ]
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
  { status, json, headers }: HubResponse,
): void {
  const content = json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }
  response.writeHead(status, { server: 'Drover-local-hub', ...content, ...headers })
  response.end(json)
  // A body that nobody read would block the next request of this connection.
  request.resume()
}
