import type { Settings } from '../setting-values.ts'

/** What the owner of the device has decided about firmware. */
export interface FirmwareOptions {
  /** Holds the trusted public keys. */
  readonly keysFolder: string
  /** Undefined: this device takes no firmware. */
  readonly hardware: string | undefined
  /** Update modules of the owner; they come before shipped ones of the same name. */
  readonly modulesFolder: string
  readonly moduleSettingsFolder: string
  readonly healthCheck: string | undefined
  readonly healthMs: number | undefined
  /** The module for what nobody signed; undefined: it is refused. */
  readonly unsignedModule: string | undefined
  /** Where the privileged installer listens, if it is installed. */
  readonly installerSocket: string
  /** What the privileged installer keeps: the floor, the package, and what the modules keep. */
  readonly installerFolder: string
}

/** Where the packages of the agent put its own modules. */
export const shippedModulesFolder = '/usr/lib/drover-agent/update-modules'

export function toFirmwareOptions(set: Settings): FirmwareOptions {
  const seconds = set['firmware-health-time']
  return {
    keysFolder: set['firmware-keys'] ?? '/etc/drover-agent/firmware-keys',
    hardware: set['firmware-hardware'],
    modulesFolder: set['firmware-modules'] ?? '/etc/drover-agent/update-modules',
    moduleSettingsFolder: set['firmware-module-settings'] ?? '/etc/drover-agent/modules',
    healthCheck: set['firmware-health-check'],
    healthMs: seconds === undefined ? undefined : Number(seconds) * 1000,
    unsignedModule: set['firmware-unsigned'],
    installerSocket: set['installer-socket'] ?? '/run/drover-agent-installer.sock',
    installerFolder: set['firmware-dir'] ?? '/var/lib/drover-agent-firmware',
  }
}
