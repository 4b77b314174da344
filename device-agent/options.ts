import { toConnectionOptions, type ConnectionOptions } from './connection-settings.ts'
import { toFirmwareOptions, type FirmwareOptions } from './firmware/firmware-settings.ts'
import { defaultStateFolder, toResetOptions, type ResetOptions } from './reset-settings.ts'
import type { Settings } from './setting-values.ts'

/** Where everything is on this machine, after the command line, the configuration and the defaults. */
export interface AgentOptions {
  readonly connectionStringFile: string
  readonly connection: ConnectionOptions
  readonly stateFolder: string
  readonly caFile: string | undefined
  /** While this file is there, nothing destructive begins. */
  readonly updateLockFile: string
  /** Where the privileged helper listens, if it is installed. */
  readonly helperSocket: string
  readonly rebootPatienceMs: number | undefined
  readonly reset: ResetOptions
  /** Where the owner's own commands are. */
  readonly commandsFolder: string
  readonly commandTimeoutMs: number | undefined
  readonly firmware: FirmwareOptions
  /** Set for a simulated machine: how long its reboots take. */
  readonly simulatedDownMs: number | undefined
}

export const defaultConfigurationFile = '/etc/drover-agent/agent.conf'

/** The first of `layers` that sets something counts: the command line, then the configuration file. */
export function toOptions(...layers: readonly Settings[]): AgentOptions {
  const set = settingsOf(...layers)
  const patience = set['reboot-patience']
  return {
    connectionStringFile: set['connection-string-file'] ?? '/etc/drover-agent/connection-string',
    connection: toConnectionOptions(set),
    stateFolder: set['state-dir'] ?? defaultStateFolder,
    caFile: set.ca,
    updateLockFile: set['update-lock'] ?? '/etc/drover-agent/update-lock',
    helperSocket: set['helper-socket'] ?? '/run/drover-agent-helper.sock',
    rebootPatienceMs: patience === undefined ? undefined : Number(patience) * 1000,
    reset: toResetOptions(set),
    commandsFolder: set['commands-dir'] ?? '/etc/drover-agent/commands.d',
    commandTimeoutMs:
      set['command-timeout'] === undefined ? undefined : Number(set['command-timeout']) * 1000,
    firmware: toFirmwareOptions(set),
    simulatedDownMs: set.simulate === 'yes' ? Number(set['simulate-down'] ?? 5) * 1000 : undefined,
  }
}

/** What counts of all that the layers set. */
export function settingsOf(...layers: readonly Settings[]): Settings {
  return layers.reduceRight<Settings>((lower, upper) => ({ ...lower, ...upper }), {})
}
