import type { Collection } from '../query/collection.ts'
import { readerOf } from '../query/read-json.ts'
import { deviceJobView } from './job-view.ts'
import type { DeviceJobRow } from './jobs.ts'

const fields = [
  'deviceId',
  'jobId',
  'jobType',
  'status',
  'startTimeUtc',
  'endTimeUtc',
  'createdDateTimeUtc',
  'createdTimeUtc',
  'lastUpdatedDateTimeUtc',
  'outcome',
  'error',
]

/** The documentation asks for a field by a name that it does not have: https://learn.microsoft.com/azure/iot-hub/query-jobs */
const otherNames = new Map([['createdTimeUtc', 'createdDateTimeUtc']])

/** `FROM devices.jobs`. */
export function jobCollection(rows: readonly DeviceJobRow[]): Collection<DeviceJobRow> {
  return {
    name: 'devices.jobs',
    itemType: 'JobResponse',
    fields,
    allowsColumns: false,
    rows,
    position: ({ position }) => position,
    view: ({ job }) => deviceJobView(job),
    read: ([field = '', ...rest]) => {
      const read = readerOf([otherNames.get(field) ?? field, ...rest])
      return ({ job }) => read(deviceJobView(job))
    },
  }
}
