import type { DialectName } from '../fleet-spec.ts'
import { agent } from './agent.ts'
import { configuration } from './configuration.ts'
import { remoteMonitoring } from './remote-monitoring.ts'
import type { LightDialect } from './script.ts'
import { java, sample, tutorial } from './tutorials.ts'
import { windows } from './windows-iot.ts'

export const dialects: Readonly<Record<DialectName, LightDialect>> = {
  agent,
  tutorial,
  sample,
  java,
  remoteMonitoring,
  windows,
  configuration,
}
