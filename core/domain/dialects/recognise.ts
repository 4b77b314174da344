import type { Json } from '../json.ts'
import { configuration } from './configuration.ts'
import type { DialectRules } from './dialect.ts'
import { drover } from './drover.ts'
import { remoteMonitoring } from './remote-monitoring.ts'
import { tutorial } from './tutorial.ts'
import { windowsIot } from './windows-iot.ts'

/** Every family that Drover knows by itself; the first that recognises a device is its own. */
export const builtInDialects: readonly DialectRules[] = [
  drover,
  windowsIot,
  remoteMonitoring,
  configuration,
  tutorial,
]

/**
 * How a device speaks, from what it has reported; undefined when it has reported nothing that Drover recognises.
 * Our agent always reports itself; the tutorial's device reports nothing before its first reboot.
 */
export function recognise(dialects: readonly DialectRules[], reported: Json): DialectRules | undefined {
  return dialects.find((dialect) => dialect.recognises(reported))
}

/** A device that has said nothing yet may still be the tutorial's: it is asked as the tutorial asks. */
export function assumed(dialect: DialectRules | undefined): DialectRules {
  return dialect ?? tutorial
}

/** Whether a direct method of that name is how some family of devices restarts: who invokes it sends devices away. */
export function isRestart(methodName: string): boolean {
  const requests = builtInDialects.flatMap((dialect) => [
    dialect.request({ kind: 'reboot' }),
    dialect.request({ kind: 'factoryReset' }),
  ])
  return requests.some((request) => request?.type === 'method' && request.methodName === methodName)
}
