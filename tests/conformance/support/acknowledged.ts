import type { Packet } from 'mqtt-packet'
import { connectPacket, openRawDevice } from '../../../local-hub/testing/raw-device.ts'
import type { RawDevice } from '../../../local-hub/testing/raw-device.ts'
import { askHub } from './diagnostics.ts'
import type { HubProcess } from './hub-process.ts'

/** Everything that a hub has acknowledged to one client: what each path answered last, and what is in doubt. */
export interface Acknowledged {
  /** By path: the body of the last answer, or `undefined` for what was deleted. */
  readonly bodies: Map<string, string | undefined>
  /** The path of a request that was never answered: it may have been done, or not. */
  inDoubt: string | undefined
}

/** Asks for one change after the other until the hub is gone. */
export async function changeRegistry(
  hub: HubProcess,
  name: string,
  acknowledged: Acknowledged,
): Promise<void> {
  acknowledged.inDoubt = undefined
  try {
    for (let step = 0; ; step += 1) await changesOf(hub, `${name}-${step}`, acknowledged)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** The life of one device; every third one is deleted, and each has a module and a job. */
async function changesOf(hub: HubProcess, deviceId: string, acknowledged: Acknowledged): Promise<void> {
  const ask = async (method: string, path: string, body?: object) => {
    acknowledged.inDoubt = path
    const answer = await askHub(hub, { method, path, ...(body && { body: JSON.stringify(body) }) })
    if (answer.status !== 200 && answer.status !== 204) throw new Error(`${answer.status}: ${answer.body}`)
    acknowledged.bodies.set(path, method === 'DELETE' ? undefined : answer.body)
    acknowledged.inDoubt = undefined
  }
  const [device, twin, job] = [`/devices/${deviceId}`, `/twins/${deviceId}`, `/jobs/v2/job-${deviceId}`]
  await ask('PUT', device, { deviceId })
  await ask('PATCH', twin, { tags: { of: deviceId, list: [1, { a: 'ü' }] } })
  await ask('PATCH', twin, { properties: { desired: { level: { deep: 1 } } } })
  const moduleId = 'm'
  await ask('PUT', `${device}/modules/${moduleId}`, { deviceId, moduleId, managedBy: 'nobody' })
  await ask('PATCH', `${twin}/modules/${moduleId}`, { properties: { desired: { of: deviceId } } })
  await ask('PUT', job, {
    jobId: `job-${deviceId}`,
    type: 'scheduleUpdateTwin',
    updateTwin: { etag: '*', tags: { a: 1 } },
    queryCondition: '*',
    startTime: '2100-01-01T00:00:00Z',
    maxExecutionTimeInSeconds: 60,
  })
  await ask('PUT', twin, { tags: { replaced: true } })
  if (/[036]$/.test(deviceId)) {
    await ask('DELETE', `${device}/modules/${moduleId}`)
    acknowledged.bodies.delete(`${twin}/modules/${moduleId}`)
    await ask('DELETE', device)
    acknowledged.bodies.delete(twin)
  }
}

/** A device that reports one number after the other. */
export interface Reporter {
  readonly deviceId: string
  readonly key: string
  /** The last number that the hub is known to have. */
  acknowledged: number
}

/** Reports until the hub is gone. */
export async function reportUpwards(hub: HubProcess, reporter: Reporter): Promise<void> {
  const device = await connectReporter(hub, reporter)
  while (device) {
    const count = reporter.acknowledged + 1
    device.send({
      ...{ cmd: 'publish', qos: 0, dup: false, retain: false },
      topic: `$iothub/twin/PATCH/properties/reported/?$rid=${count}`,
      payload: JSON.stringify({ count }),
    })
    const answer = await Promise.race([device.next(), device.closed()])
    if (typeof answer === 'boolean') return
    reporter.acknowledged = numberOf(answer)
  }
}

/** `undefined` when the hub is gone before the device is connected. */
async function connectReporter(hub: HubProcess, { deviceId, key }: Reporter): Promise<RawDevice | undefined> {
  const target = { ...hub, deviceConnectionString: () => `SharedAccessKey=${key};` }
  try {
    const device = await openRawDevice(target)
    device.send(connectPacket(target, deviceId))
    return typeof (await Promise.race([device.next(), device.closed()])) === 'boolean' ? undefined : device
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

function numberOf(answer: Packet): number {
  const topic = answer.cmd === 'publish' ? answer.topic : ''
  const number = /^\$iothub\/twin\/res\/204\/\?\$rid=(\d+)&/.exec(topic)?.[1]
  if (number === undefined) throw new Error(`An answer that was not expected: ${topic}`)
  return Number(number)
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /ECONNRE|EPIPE|ABORT|PREMATURE/.test(String(error.code))
}
