import { randomBytes } from 'node:crypto'

/**
 * The errors of IoT Hub: HTTP status and error number by name.
 * https://learn.microsoft.com/azure/iot-hub/troubleshoot-error-codes
 */
const catalogue = {
  InvalidProtocolVersion: [400, 400001],
  ArgumentInvalid: [400, 400004],
  ArgumentNull: [400, 400005],
  IotHubFormatError: [400, 400006],
  DeviceDefinedMultipleTimes: [400, 400011],
  BulkRegistryOperationFailure: [400, 400013],
  IotHubUnauthorizedAccess: [401, 401002],
  IotHubForbidden: [403, 403000],
  IotHubQuotaExceeded: [403, 403002],
  JobQuotaExceeded: [403, 403003],
  DeviceMaximumQueueDepthExceeded: [403, 403004],
  DeviceNotFound: [404, 404001],
  ModuleNotFound: [404, 404010],
  JobNotFound: [404, 404002],
  DeviceNotOnline: [404, 404103],
  DeviceAlreadyExists: [409, 409001],
  ModuleAlreadyExistsOnDevice: [409, 409301],
  JobAlreadyExists: [409, 409104],
  PreconditionFailed: [412, 412001],
  DeviceMessageLockLost: [412, 412002],
  MessageTooLarge: [413, 413001],
  TooManyDevices: [413, 413002],
  TooManyModulesOnDevice: [413, 413003],
  ThrottlingException: [429, 429001],
  ThrottlingMaxActiveJobCountExceeded: [429, 429004],
  // The status is the one that clients of IoT Hub saw: https://github.com/Azure/iotedge-lorawan-starterkit/issues/1337
  IotHubMaxCbsTokenExceeded: [500, 403005],
  ServerError: [500, 500001],
  NotImplemented: [501, 501000],
  BadDeviceResponse: [502, 502001],
  DeviceTimeout: [504, 504101],
} as const satisfies Record<string, readonly [status: number, number: number]>

export type HubErrorCode = keyof typeof catalogue

/** A refusal as IoT Hub words it; its message is shown to the client, so it never carries a secret. */
export class HubError extends Error {
  override readonly name = 'HubError'
  readonly code: HubErrorCode
  /** When asking again makes sense. */
  readonly retryAfterMs: number | undefined

  constructor(code: HubErrorCode, message: string, { retryAfterMs }: { retryAfterMs?: number } = {}) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }

  /** The HTTP status. */
  get status(): number {
    return catalogue[this.code][0]
  }

  /** The six-digit number, for example 404103. */
  get number(): number {
    return catalogue[this.code][1]
  }
}

export function deviceNotFound(deviceId: string): HubError {
  return new HubError('DeviceNotFound', `Device ${deviceId} not registered`)
}

/** What a client may quote to whoever runs the hub. */
export function trackingId(): string {
  return `${randomBytes(16).toString('hex')}-G:0`
}

/** `key` is `device/module`. */
export function moduleNotFound(key: string): HubError {
  const [deviceId = '', moduleId = ''] = key.split('/')
  return new HubError('ModuleNotFound', `Module ${moduleId} on device ${deviceId} not registered`)
}

export function invalid(message: string): HubError {
  return new HubError('ArgumentInvalid', message)
}

/** The hub refuses by name what it does not do; it never answers with an empty success. */
export function notImplemented(what: string): HubError {
  return new HubError('NotImplemented', `The local hub does not implement ${what}`)
}
