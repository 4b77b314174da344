import type { Clock } from '../hub/clock.ts'
import { HubError, deviceNotFound } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { parseJson } from '../hub/json.ts'
import type { MessageMeter } from '../limits/message-meter.ts'
import type { DeviceOutcome, JobWork } from './job.ts'

export interface Workplace {
  readonly hub: Hub & { readonly clock: Clock }
  readonly meter: MessageMeter
}

export interface WorkOrder {
  readonly deviceId: string
  readonly work: JobWork
  /** Milliseconds since the epoch: how long a device that is offline may take to come. */
  readonly deadline: number
  /** Told right before a device is asked to do something. */
  readonly onAsk: () => void
  /** True once the job has ended, after which no device may be asked. */
  readonly hasEnded: () => boolean
}

/** Does the work of a job on one device, waiting for it where need be; throws HubError. */
export async function doWork(place: Workplace, order: WorkOrder): Promise<DeviceOutcome> {
  const { work, deviceId } = order
  if (work.type === 'scheduleDeviceMethod') return invoke(place, order, work)
  const { change, ifMatch } = work
  place.hub.twins.change(deviceId, { change, mode: 'patch', ifMatch })
  place.meter.charge('twinUpdate', Buffer.byteLength(JSON.stringify(change)))
  return { kind: 'updated' }
}

async function invoke(
  { hub, meter }: Workplace,
  { deviceId, deadline, hasEnded, onAsk }: WorkOrder,
  { methodName, payload, responseTimeoutMs }: Extract<JobWork, { type: 'scheduleDeviceMethod' }>,
): Promise<DeviceOutcome> {
  if (hub.store.get(deviceId)?.status !== 'enabled') throw deviceNotFound(deviceId)
  await hub.presence.whenAcceptsMethods(deviceId, deadline - hub.clock.now())
  if (hasEnded()) throw new HubError('DeviceNotOnline', 'The job ended before the device came.')
  onAsk()
  const sent = Buffer.byteLength(payload)
  try {
    const answer = await hub.methods.invoke(deviceId, {
      methodName,
      payload,
      responseTimeoutMs,
      connectTimeoutMs: 0,
    })
    meter.charge('directMethod', sent, Buffer.byteLength(answer.payload))
    return { kind: 'answered', status: answer.status, payload: parseJson(answer.payload) }
  } catch (error) {
    meter.charge('directMethod', sent, 0)
    throw error
  }
}
