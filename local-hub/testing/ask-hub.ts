import type { Hub } from '../hub/hub.ts'
import { toJsonObject } from '../hub/json.ts'
import { anyCollection } from '../query/collection.ts'
import { firstPage, runQuery } from '../query/run-query.ts'
import type { Cursor, QueryPage } from '../query/run-query.ts'
import { deviceTwins } from '../query/twin-collection.ts'
import { addDevice } from './new-hub.ts'

/** Adds a device with these tags and reported properties. */
export function addTwin(hub: Hub, deviceId: string, { tags = {}, reported = {} }: TwinParts): void {
  addDevice(hub, deviceId)
  hub.twins.change(deviceId, { change: { tags: toJsonObject(tags) }, mode: 'patch', ifMatch: '*' })
  hub.twins.report(deviceId, toJsonObject(reported))
}

export interface TwinParts {
  readonly tags?: Readonly<Record<string, unknown>>
  readonly reported?: Readonly<Record<string, unknown>>
}

/** One page of a query over all devices, without lag. */
export function askPage(
  hub: Hub,
  sql: string,
  { pageSize = 1000, cursor = firstPage }: { pageSize?: number; cursor?: Cursor } = {},
): QueryPage {
  return runQuery(sql, {
    collections: [anyCollection('devices', () => deviceTwins(hub.queryView.rows()))],
    pageSize,
    cursor,
  })
}

/** The ids that a condition finds. */
export function idsWhere(hub: Hub, condition: string): readonly unknown[] {
  const { items } = askPage(hub, `SELECT deviceId FROM devices WHERE ${condition}`)
  return items.map(({ deviceId }) => deviceId)
}
