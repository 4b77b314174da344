import type { FirmwareErrorCode } from '../../contract/device/firmware.ts'

/** Why an update was refused or failed, in the words of the device protocol. */
export interface FirmwareProblem {
  readonly code: FirmwareErrorCode
  /** For a person. Holds no token: an address appears without its query. */
  readonly message: string
}

/** Carries a problem out of the middle of a transfer. */
export class FirmwareError extends Error {
  readonly code: FirmwareErrorCode

  constructor(code: FirmwareErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FirmwareError'
    this.code = code
  }
}

export function problemOf(error: unknown, otherwise: FirmwareErrorCode): FirmwareProblem {
  if (error instanceof FirmwareError) return { code: error.code, message: error.message }
  return { code: otherwise, message: error instanceof Error ? error.message : String(error) }
}
