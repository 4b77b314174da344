import type { IncomingHttpHeaders } from 'node:http'
import { HubError, invalid } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { runQuery } from '../query/run-query.ts'
import { Continuation } from './continuation.ts'
import { objectBodyOf, ok } from './route.ts'
import type { HubRequest, HubResponse, Route } from './route.ts'

const largestPage = 1000
const usualPage = 100

/** https://learn.microsoft.com/rest/api/iothub/service/query/get-twins; the tokens are good for this table only. */
export function queryRoutes(): readonly Route[] {
  const continuation = new Continuation()
  return [
    {
      method: 'POST',
      path: ['devices', 'query'],
      right: 'RegistryRead',
      handle: (hub, request) => queryDevices(hub, request, continuation),
    },
  ]
}

function queryDevices(hub: Hub, request: HubRequest, continuation: Continuation): HubResponse {
  const { query } = objectBodyOf(request)
  if (typeof query !== 'string') throw new HubError('ArgumentNull', 'query should be a text')
  const token = headerOf(request.headers, 'x-ms-continuation')
  const { items, itemType, next } = runQuery(query, {
    records: hub.queryView.records(),
    pageSize: pageSizeOf(request.headers),
    after: token === undefined ? 0 : continuation.read(query, token),
  })
  return ok(items, {
    'x-ms-item-type': itemType,
    ...(next === undefined ? {} : { 'x-ms-continuation': continuation.write(query, next) }),
  })
}

function pageSizeOf(headers: IncomingHttpHeaders): number {
  const header = headerOf(headers, 'x-ms-max-item-count')
  if (header === undefined) return usualPage
  if (!/^[1-9]\d{0,8}$/.test(header)) throw invalid('x-ms-max-item-count should be a positive number')
  return Math.min(Number(header), largestPage)
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return value === undefined || value === '' ? undefined : value.toString()
}
