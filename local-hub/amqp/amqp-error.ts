import type { AmqpError } from 'rhea'
import type { HubError } from '../hub/hub-error.ts'
import type { HubErrorCode } from '../hub/hub-error.ts'

/** The conditions that the SDKs know. https://learn.microsoft.com/azure/iot-hub/iot-hub-amqp-support */
const conditions: Partial<Record<HubErrorCode, string>> = {
  ArgumentInvalid: 'com.microsoft:argument-error',
  IotHubFormatError: 'com.microsoft:argument-error',
  IotHubUnauthorizedAccess: 'amqp:unauthorized-access',
  IotHubForbidden: 'amqp:unauthorized-access',
  IotHubQuotaExceeded: 'com.microsoft:quota-exceeded',
  DeviceMaximumQueueDepthExceeded: 'amqp:resource-limit-exceeded',
  DeviceNotFound: 'amqp:not-found',
  ModuleNotFound: 'amqp:not-found',
  PreconditionFailed: 'com.microsoft:precondition-failed',
  DeviceMessageLockLost: 'com.microsoft:message-lock-lost',
  MessageTooLarge: 'amqp:link:message-size-exceeded',
  ThrottlingException: 'com.microsoft:device-container-throttled',
  NotImplemented: 'amqp:not-implemented',
  DeviceTimeout: 'com.microsoft:timeout',
}

/** A refusal that only AMQP has a word for. */
export class LinkRefusal extends Error {
  override readonly name = 'LinkRefusal'
  readonly condition: string

  constructor(condition: string, message: string) {
    super(message)
    this.condition = condition
  }
}

/** A refusal in the words of AMQP, with the number that REST has for it. */
export function amqpErrorOf(error: HubError | LinkRefusal): AmqpError {
  if (error instanceof LinkRefusal) return { condition: error.condition, description: error.message }
  return {
    condition: conditions[error.code] ?? 'amqp:internal-error',
    description: `(condition='${error.code}')(error-code:${error.number}) ${error.message}`,
  }
}
