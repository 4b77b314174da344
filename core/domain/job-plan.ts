import type { DeviceId } from '../../contract/app/ids.ts'
import type { ReasonCode } from '../../contract/app/target.ts'
import type { TargetEvent } from './target.ts'

/** The hub takes queries of 8,192 characters; the rest is for the words around the condition. */
const longestCondition = 7_500

/** As many of the devices, in their order, as one job can name; the rest is for later jobs. */
export function takeForJob(deviceIds: readonly DeviceId[]): readonly DeviceId[] {
  let length = condition([]).length
  let count = 0
  for (const deviceId of deviceIds) {
    length += literal(deviceId).length + 2
    if (count > 0 && length > longestCondition) break
    count += 1
  }
  return deviceIds.slice(0, count)
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
