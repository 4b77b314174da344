import type { IncomingHttpHeaders } from 'node:http'
import { HubError, invalid } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { jobCollection } from '../jobs/job-collection.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { anyCollection } from '../query/collection.ts'
import type { AnyCollection } from '../query/collection.ts'
import { firstPage, runQuery } from '../query/run-query.ts'
import { deviceTwins, moduleTwins } from '../query/twin-collection.ts'
import { Continuation } from './continuation.ts'
import { objectBodyOf, ok } from './route.ts'
import type { HubRequest, HubResponse, Route } from './route.ts'

const largestPage = 1000
const usualPage = 100

/** https://learn.microsoft.com/rest/api/iothub/service/query/get-twins; the tokens are good for this table only. */
export function queryRoutes(jobs: Jobs): readonly Route[] {
  const continuation = new Continuation()
  return [
    {
      method: 'POST',
      path: ['devices', 'query'],
      right: 'RegistryRead',
      handle: (hub, request) => queryDevices(collectionsOf(hub, jobs), request, continuation),
    },
  ]
}

function queryDevices(
  collections: readonly AnyCollection[],
  request: HubRequest,
  continuation: Continuation,
): HubResponse {
  const { query } = objectBodyOf(request)
  if (typeof query !== 'string') throw new HubError('ArgumentNull', 'query should be a text')
  const continued = { query, pageSize: pageSizeOf(request.headers) }
  const token = headerOf(request.headers, 'x-ms-continuation')
  const { items, itemType, next } = runQuery(query, {
    collections,
    pageSize: continued.pageSize,
    cursor: token === undefined ? firstPage : continuation.read(continued, token),
  })
  return ok(items, {
    'x-ms-item-type': itemType,
    ...(next === undefined ? {} : { 'x-ms-continuation': continuation.write(continued, next) }),
  })
}

/** What a query of this hub can be FROM. */
function collectionsOf(hub: Hub, jobs: Jobs): readonly AnyCollection[] {
  return [
    anyCollection('devices', () => deviceTwins(hub.queryView.rows())),
    anyCollection('devices.modules', () => moduleTwins(hub.modules.rows())),
    anyCollection('devices.jobs', () => jobCollection(jobs.deviceJobs())),
  ]
}

export function pageSizeOf(headers: IncomingHttpHeaders): number {
  const header = headerOf(headers, 'x-ms-max-item-count')
  if (header === undefined) return usualPage
  if (!/^[1-9]\d{0,8}$/.test(header)) throw invalid('x-ms-max-item-count should be a positive number')
  return Math.min(Number(header), largestPage)
}

export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return value === undefined || value === '' ? undefined : value.toString()
}
