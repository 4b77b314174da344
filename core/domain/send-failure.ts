import type { ReasonCode } from '../../contract/app/action.ts'
import type { AppError, ErrorCode } from '../../contract/errors.ts'
import type { TargetEvent } from './target.ts'

/** The hub or the network said no before anything reached the device: these alone are proof that nothing ran. */
const nothingRan: Partial<Record<ErrorCode, ReasonCode>> = {
  'device-offline': 'offline',
  'not-found': 'not-found',
  unauthorized: 'hub-refused',
  forbidden: 'hub-refused',
  'invalid-input': 'hub-refused',
  unreachable: 'unreached',
}

/** What it means for a target that its method call ended in an error. Whatever is in doubt is `unknown`. */
export function judgeSendFailure(error: AppError): TargetEvent {
  if (error.code === 'throttled') return { name: 'defer' }
  const code = nothingRan[error.code]
  if (code) return { name: 'fail', reason: { code } }
  return { name: 'lose', reason: { code: 'no-answer', detail: error.message } }
}

/** Errors after which the next device would fare no better. */
export function concernsEveryDevice(error: AppError): boolean {
  return error.code === 'unauthorized' || error.code === 'forbidden'
}
