import { createServer } from 'node:https'
import type { Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { HubError } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { assertRight, authenticateService } from '../security/authorize.ts'
import type { HubCertificate } from '../security/certificates.ts'
import type { Policies } from '../security/policies.ts'
import { bugResponse, errorResponse } from './error-response.ts'
import { findRoute } from './find-route.ts'
import { methodRoutes } from './method-routes.ts'
import { queryRoutes } from './query-routes.ts'
import { readBody } from './read-body.ts'
import { registryRoutes } from './registry-routes.ts'
import { parseTarget } from './request-target.ts'
import type { HubResponse } from './route.ts'
import { twinRoutes } from './twin-routes.ts'

export interface HttpServerOptions {
  readonly hub: Hub
  readonly hostName: string
  readonly policies: Policies
  readonly certificate: HubCertificate
  /** Hears what should never happen. */
  readonly onBug: (error: unknown) => void
}

/** The service side of the hub: REST over TLS. */
export function createHttpServer(options: HttpServerOptions): Server {
  const { certificate, onBug } = options
  const routes = [...registryRoutes, ...twinRoutes, ...queryRoutes(), ...methodRoutes]
  const server = createServer({ key: certificate.privateKey, cert: certificate.certificate })
  // Longer than a client's own pool keeps an idle connection, so that it is never the hub that hangs up on a request.
  server.keepAliveTimeout = 120_000
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request)
      .catch((error: unknown) => responseTo(error, onBug))
      .then((hubResponse) => {
        send(request, response, hubResponse)
      })
      .catch(onBug)
  })
  return server

  async function answer(request: IncomingMessage): Promise<HubResponse> {
    const target = parseTarget(request.url ?? '')
    const policy = authenticateService(options.policies, {
      authorization: request.headers.authorization,
      resource: options.hostName + target.path,
      now: options.hub.clock.now(),
    })
    const { route, params } = findRoute(routes, request.method ?? '', target)
    assertRight(policy, route.right)
    return route.handle(options.hub, { params, headers: request.headers, body: await readBody(request) })
  }
}

function responseTo(error: unknown, onBug: (error: unknown) => void): HubResponse {
  if (error instanceof HubError) return errorResponse(error)
  onBug(error)
  return bugResponse()
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
