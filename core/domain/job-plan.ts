import type { DeviceId } from '../../contract/app/ids.ts'
import type { ReasonCode } from '../../contract/app/target.ts'
import type { HubRequest } from './hub-request.ts'
import type { TargetEvent } from './target.ts'

/** The hub takes queries of 8,192 characters; the rest is for the words around the condition. */
const longestCondition = 7_500

/** As many of the devices, in their order, as one job can name; the rest is for later jobs. */
function takeForJob(deviceIds: readonly DeviceId[]): readonly DeviceId[] {
  let length = condition([]).length
  let count = 0
  for (const deviceId of deviceIds) {
    length += literal(deviceId).length + 2
    if (count > 0 && length > longestCondition) break
    count += 1
  }
  return deviceIds.slice(0, count)
}

/** How many devices a second the jobs of a hub turn to, all together, and how many jobs it runs at the same time. */
export interface JobPace {
  readonly devicesPerSecond: number
  readonly atOnce: number
}

export interface PlannedJob {
  readonly deviceIds: readonly DeviceId[]
  /** How long after the first job it begins. */
  readonly delayMs: number
}

/** The hub is not held to its rate to the second. */
const slack = 1.2
/** Where one job runs at a time, its last devices have their time to answer before the next one begins. Milliseconds. */
const answeringMs = 60_000

/**
 * The jobs for devices and what each is asked for, as text: one job asks all its devices for the same. Each begins so
 * long after the first that the one before it has ended.
 */
export function planJobs(
  asked: ReadonlyMap<DeviceId, string>,
  pace: JobPace | undefined,
): readonly PlannedJob[] {
  let delayMs = 0
  return [...Map.groupBy(asked.keys(), (deviceId) => asked.get(deviceId)).values()]
    .flatMap(splitForJobs)
    .map((deviceIds) => {
      const job = { deviceIds, delayMs }
      delayMs += pace ? durationMs(deviceIds.length, pace) : 0
      return job
    })
}

/** How long a job over so many devices takes on a hub that is at its limits. Milliseconds. */
function durationMs(devices: number, { devicesPerSecond, atOnce }: JobPace): number {
  return Math.ceil((devices / devicesPerSecond) * 1000 * slack) + (atOnce > 1 ? 0 : answeringMs)
}

/** As many jobs as it takes to name all devices. */
function splitForJobs(deviceIds: readonly DeviceId[]): readonly (readonly DeviceId[])[] {
  const parts: (readonly DeviceId[])[] = []
  for (let done = 0; done < deviceIds.length; done += parts.at(-1)?.length ?? 0)
    parts.push(takeForJob(deviceIds.slice(done)))
  return parts
}

/** The WHERE part of a query that chooses exactly these devices. */
export function condition(deviceIds: readonly DeviceId[]): string {
  return `deviceId IN [${deviceIds.map(literal).join(', ')}]`
}

/** A text of the hub's query language: https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-query-language */
function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** What a job says about a device that could not be asked; the hub's own code and words. */
export interface JobError {
  readonly code: string
  readonly description: string
}

/** Codes with which the hub says that nothing reached the device; whatever else went wrong is in doubt. */
const nothingRan: Readonly<Record<string, ReasonCode>> = {
  '404103': 'offline',
  '404001': 'not-found',
  '404010': 'not-found',
  '404011': 'offline',
}

export function judgeJobError({ code, description }: JobError): TargetEvent {
  const reason = Object.hasOwn(nothingRan, code) ? nothingRan[code] : undefined
  const detail = description === '' ? code : description
  if (reason) return { name: 'fail', reason: { code: reason, detail } }
  return { name: 'lose', reason: { code: 'no-answer', detail } }
}

/** What a job cannot do: it asks a device once, and the two questions of a factory reset are for this app alone. */
export function refusedByJobs(request: HubRequest | undefined): TargetEvent | undefined {
  const payload = request?.type === 'method' ? request.payload : undefined
  const isArming = typeof payload === 'object' && payload !== null && 'phase' in payload
  return isArming ? { name: 'fail', reason: { code: 'unsupported' } } : undefined
}
