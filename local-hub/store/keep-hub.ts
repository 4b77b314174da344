import type { DeviceRecord } from '../hub/device-record.ts'
import type { DeviceStore } from '../hub/device-store.ts'
import type { QueuedFeedback } from '../hub/feedback-queue.ts'
import type { Hub } from '../hub/hub.ts'
import type { SessionChange } from '../hub/sessions.ts'
import type { ModuleRecord } from '../hub/modules.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { DeviceJob, JobState } from '../jobs/job.ts'
import type { ChangeLog } from './change-log.ts'
import { valuesOf } from './change.ts'
import { keptEvent, loggedOf } from './kept-event.ts'
import type { KeptEvent } from './kept-event.ts'
import { keptMessage, pendingOf } from './kept-message.ts'
import type { KeptMessage } from './kept-message.ts'

/** The parts of a hub that outlive it. */
export interface KeptParts {
  readonly hub: Hub
  readonly jobs: Jobs
}

/** What says when a device was last there: after a restart no device is there. */
const presenceFields = new Set(['connectionState', 'connectionStateUpdatedAt', 'lastActivityAt'])

/** Brings back what was kept, and from then on keeps every change. */
export function keepHub(parts: KeptParts, log: ChangeLog): void {
  bringBackDevices(parts.hub, log)
  bringBackMessages(parts.hub, log)
  bringBackSessions(parts.hub, log)
  bringBackEvents(parts.hub, log)
  bringBackFeedback(parts.hub, log)
  keepDevices(parts.hub.store, (deviceId, record) => {
    log.put({ kind: 'device', key: deviceId, value: record })
  })
  const { modules } = parts.hub
  keepDevices(modules.store, (key, identity) => {
    log.put({ kind: 'module', key, value: identity && modules.withManager(identity) })
  })
  parts.hub.cloudToDevice.onChange(({ deviceId, sequenceNumber, pending }) => {
    const value = pending && keptMessage(deviceId, pending)
    log.put({ kind: 'cloudToDevice', key: `${deviceId} ${sequenceNumber}`, value })
  })
  parts.hub.sessions.onChange(({ key, subscriptions }) => {
    log.put({ kind: 'session', key, value: subscriptions && { key, subscriptions } })
  })
  parts.hub.feedback.onChange(({ number, feedback }) => {
    log.put({ kind: 'feedback', key: String(number), value: feedback && { number, feedback } })
  })
  for (const partition of parts.hub.events.partitions) {
    partition.onChange(({ sequenceNumber, logged }) => {
      const value = logged && keptEvent(partition.id, logged)
      log.put({ kind: 'event', key: `${partition.id} ${sequenceNumber}`, value })
    })
  }
  keepJobs(parts.jobs, log)
  bringBackJobs(parts.jobs, log)
}

function keepJobs(jobs: Jobs, log: ChangeLog): void {
  jobs.onChange({
    job: (job) => {
      log.put({ kind: 'job', key: job.request.jobId, value: job })
    },
    device: (device) => {
      log.put({ kind: 'deviceJob', key: `${device.jobId} ${device.deviceId}`, value: device })
    },
    forgotten: (jobId, deviceIds) => {
      log.put({ kind: 'job', key: jobId })
      for (const deviceId of deviceIds) log.put({ kind: 'deviceJob', key: `${jobId} ${deviceId}` })
    },
  })
}

function bringBackDevices(hub: Hub, { kept }: ChangeLog): void {
  const devices = [...valuesOf(kept, 'device')] as DeviceRecord[]
  for (const record of devices.sort(bySequence)) hub.store.put(asDisconnected(record))
  const modules = [...valuesOf(kept, 'module')] as ModuleRecord[]
  modules.sort((left, right) => bySequence(left.identity, right.identity))
  for (const module of modules) hub.modules.restore({ ...module, identity: asDisconnected(module.identity) })
  hub.queryView.showAll()
  hub.modules.showAll()
}

function bringBackMessages({ cloudToDevice }: Hub, { kept }: ChangeLog): void {
  const messages = [...valuesOf(kept, 'cloudToDevice')] as KeptMessage[]
  messages.sort((left, right) => left.pending.sequenceNumber - right.pending.sequenceNumber)
  for (const message of messages) cloudToDevice.restore(message.deviceId, pendingOf(message))
}

function bringBackSessions({ sessions }: Hub, { kept }: ChangeLog): void {
  for (const { key, subscriptions } of [...valuesOf(kept, 'session')] as Required<SessionChange>[])
    sessions.put(key, new Set(subscriptions))
}

function bringBackFeedback({ feedback }: Hub, { kept }: ChangeLog): void {
  const records = [...valuesOf(kept, 'feedback')] as QueuedFeedback[]
  feedback.restore(records.sort((left, right) => left.number - right.number))
}

/** Telemetry was acknowledged to its sender, so whoever reads later finds it where it was. */
function bringBackEvents({ events }: Hub, { kept }: ChangeLog): void {
  const byPartition = Map.groupBy(
    [...valuesOf(kept, 'event')] as KeptEvent[],
    ({ partitionId }) => partitionId,
  )
  for (const partition of events.partitions) {
    const logged = (byPartition.get(partition.id) ?? []).map(loggedOf)
    partition.restore(logged.sort((left, right) => left.sequenceNumber - right.sequenceNumber))
  }
}

/** They go on at once, and what they change is kept. */
function bringBackJobs(jobs: Jobs, { kept }: ChangeLog): void {
  const devicesOfJobs = Map.groupBy([...valuesOf(kept, 'deviceJob')] as DeviceJob[], ({ jobId }) => jobId)
  const states = [...valuesOf(kept, 'job')] as JobState[]
  for (const state of states.sort(bySequence))
    jobs.restore(state, devicesOfJobs.get(state.request.jobId) ?? [])
}

function bySequence(left: { sequence: number }, right: { sequence: number }): number {
  return left.sequence - right.sequence
}

function asDisconnected(record: DeviceRecord): DeviceRecord {
  return { ...record, connectionState: 'Disconnected' }
}

/** Messages and connections are not worth a write each; the time of the last one is kept with the next change. */
function keepDevices(
  store: DeviceStore,
  keep: (deviceId: string, record: DeviceRecord | undefined) => void,
): void {
  store.onChange((deviceId, record, previous) => {
    if (record && previous && differsInPresenceOnly(record, previous)) return
    keep(deviceId, record)
  })
}

function differsInPresenceOnly(record: DeviceRecord, previous: DeviceRecord): boolean {
  return (Object.keys(record) as (keyof DeviceRecord)[]).every(
    (field) => presenceFields.has(field) || record[field] === previous[field],
  )
}
