import type { Settings } from './setting-values.ts'

/** Where everything is on this machine, after the command line, the configuration and the defaults. */
export interface AgentOptions {
  readonly connectionStringFile: string
  readonly stateFolder: string
  readonly caFile: string | undefined
  /** While this file is there, nothing destructive begins. */
  readonly updateLockFile: string
  /** Where the privileged helper listens, if it is installed. */
  readonly helperSocket: string
  readonly rebootPatienceMs: number | undefined
  /** Set for a simulated machine: how long its reboots take. */
  readonly simulatedDownMs: number | undefined
}

export const defaultConfigurationFile = '/etc/drover-agent/agent.conf'

/** The first of `layers` that sets something counts: the command line, then the configuration file. */
export function toOptions(...layers: readonly Settings[]): AgentOptions {
  const set = layers.reduceRight<Settings>((lower, upper) => ({ ...lower, ...upper }), {})
  const patience = set['reboot-patience']
  return {
    connectionStringFile: set['connection-string-file'] ?? '/etc/drover-agent/connection-string',
    stateFolder: set['state-dir'] ?? '/var/lib/drover-agent',
    caFile: set.ca,
    updateLockFile: set['update-lock'] ?? '/etc/drover-agent/update-lock',
    helperSocket: set['helper-socket'] ?? '/run/drover-agent-helper.sock',
    rebootPatienceMs: patience === undefined ? undefined : Number(patience) * 1000,
    simulatedDownMs: set.simulate === 'yes' ? Number(set['simulate-down'] ?? 5) * 1000 : undefined,
  }
}
