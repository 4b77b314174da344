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
  'lastUpdatedDateTimeUtc',
  'outcome',
  'error',
]

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
    read: (segments) => {
      const read = readerOf(segments)
      return ({ job }) => read(deviceJobView(job))
    },
  }
}
