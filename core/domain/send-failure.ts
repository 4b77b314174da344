import type { Reason, ReasonCode } from '../../contract/app/target.ts'
import type { AppError, ErrorCode } from '../../contract/errors.ts'
import type { TargetEvent } from './target.ts'

/** The hub or the network said no before anything reached the device: these alone are proof that nothing ran. */
const nothingRan: Partial<Record<ErrorCode, ReasonCode>> = {
  'device-offline': 'offline',
  'not-found': 'not-found',
  'invalid-input': 'hub-refused',
  conflict: 'changed-meanwhile',
}

/** What says nothing about the device: it keeps its turn. */
const notNow: ReadonlySet<ErrorCode> = new Set(['throttled', 'unreachable', 'unauthorized', 'forbidden'])

/** What it means for a target that its request ended in an error. Whatever is in doubt is `unknown`. */
export function judgeSendFailure(error: AppError): TargetEvent {
  if (notNow.has(error.code)) return { name: 'defer' }
  const code = nothingRan[error.code]
  if (code === 'hub-refused') return { name: 'fail', reason: reasonOfError(code, error) }
  if (code) return { name: 'fail', reason: { code } }
  return { name: 'lose', reason: reasonOfError('no-answer', error) }
}

/** Why, with the error behind it as a value: the window has its words. */
export function reasonOfError(code: ReasonCode, { message, fault, values }: AppError): Reason {
  return {
    code,
    detail: message.slice(0, 1024),
    ...(fault === undefined ? {} : { fault }),
    ...(values === undefined || Object.keys(values).length === 0 ? {} : { values }),
  }
}

/** Errors after which the next device would fare no better. */
export function concernsEveryDevice(error: AppError): boolean {
  return error.code === 'unauthorized' || error.code === 'forbidden'
}

/** What get-twin says of a device that the hub has just refused to ask; undefined when there is no such device. */
export interface RefusedDevice {
  readonly status: string
  readonly connectionState: string
}

/**
 * The plain reason behind a refusal. Documented: 404103 is an offline device, or one that is connected and has nobody
 * who handles the method; 404001 is a device that does not exist, or one that is disabled.
 */
export function reasonOfRefusal(code: ReasonCode, device: RefusedDevice | undefined): ReasonCode {
  if (device?.status === 'disabled') return 'disabled'
  if (code === 'offline') return device?.connectionState === 'Connected' ? 'no-handler' : 'offline'
  return code
}
