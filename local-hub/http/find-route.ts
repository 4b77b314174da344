import { HubError, invalid, notImplemented } from '../hub/hub-error.ts'
import type { RequestTarget } from './request-target.ts'
import type { Route } from './route.ts'

export interface FoundRoute {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

/** https://learn.microsoft.com/rest/api/iothub/: versions that have every route below in the same shape. */
const apiVersions = ['2020-03-13', '2020-09-30', '2021-04-12']

/** Throws ArgumentInvalid for a bad URL, InvalidProtocolVersion, and NotImplemented for a route that is not in the table. */
export function findRoute(routes: readonly Route[], method: string, target: RequestTarget): FoundRoute {
  assertApiVersion(target.parameters.get('api-version'))
  const segments = target.path.slice(1).split('/')
  // `GET /devices/` is how the SDK lists devices.
  if (segments.at(-1) === '') segments.pop()
  for (const route of routes) {
    const params = route.method === method ? matchPath(route.path, segments) : undefined
    if (params) return { route, params }
  }
  throw notImplemented(`${refusedAt(segments)}${method} ${target.path}`)
}

/** What whole parts of IoT Hub are called, by where their paths begin. */
const refusedParts: readonly (readonly [path: readonly string[], name: string])[] = [
  [['jobs', 'v2'], ''],
  [['jobs'], 'import and export jobs'],
  [['configurations'], 'automatic device configurations'],
  [['devices', ':', 'applyConfigurationContent'], 'IoT Edge deployments'],
  [['devices', ':', 'files'], 'file upload'],
  [['digitaltwins'], 'digital twins'],
  [['messages', 'servicebound'], 'feedback and file notifications over HTTPS'],
]

function refusedAt(segments: readonly string[]): string {
  const part = refusedParts.find(([path]) =>
    path.every((step, index) => step === ':' || step.toLowerCase() === segments[index]?.toLowerCase()),
  )
  return part?.[1] ? `${part[1]}: ` : ''
}

function assertApiVersion(version: string | null): void {
  if (version !== null && apiVersions.includes(version)) return
  throw new HubError('InvalidProtocolVersion', `api-version should be one of ${apiVersions.join(', ')}`)
}

function matchPath(path: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (path.length !== segments.length) return undefined
  // Words before parameters: most routes are not it, and each request looks at all of them.
  if (!path.every((pattern, index) => isParameter(pattern) || pattern === segments[index])) return undefined
  const params: Record<string, string> = {}
  for (const [index, pattern] of path.entries()) {
    if (isParameter(pattern)) params[pattern.slice(1)] = decodeSegment(segments[index] ?? '')
  }
  return params
}

function isParameter(pattern: string): boolean {
  return pattern.startsWith(':')
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw invalid('The path of the request has a malformed escape')
  }
}
