import { invalid } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { anyCollection } from '../query/collection.ts'
import { firstPage, runQuery } from '../query/run-query.ts'
import { deviceTwins } from '../query/twin-collection.ts'

/** The ids of the devices that meet a condition, as after WHERE; `*` means all. Throws ArgumentInvalid. */
export function findDevices(hub: Hub, condition: string): readonly string[] {
  const where = condition.trim() === '*' ? '' : ` WHERE ${condition}`
  const { items, itemType } = runQuery(`SELECT * FROM devices${where}`, {
    collections: [anyCollection('devices', () => deviceTwins(hub.queryView.rows()))],
    pageSize: Infinity,
    cursor: firstPage,
  })
  // What follows the condition, such as GROUP BY, would not find devices.
  if (itemType !== 'Twin') throw invalid('queryCondition should be a condition, as after WHERE')
  return items.flatMap(({ deviceId }) => (typeof deviceId === 'string' ? [deviceId] : []))
}
