import type { Dialect } from '../../contract/app/device.ts'
import { readReported, reportedRoot } from '../../contract/device/reported.ts'

/**
 * How a device speaks, from what it has reported; undefined when it has reported nothing that Drover recognises.
 * Our agent always reports itself; the tutorial's device reports nothing before its first reboot.
 */
export function recogniseDialect(reported: unknown): Dialect | undefined {
  if (readReported(reported).agent) return 'drover'
  return tutorialRestartTime(reported) === undefined ? undefined : 'tutorial'
}

/** The longest text of a device that is shown in a row. */
const longestText = 128

/**
 * When a tutorial device says that it restarted: `lastReboot` in the tutorial, `startedRebootTime` in the SDK's
 * sample, and `lastReboot` at the root in the Java sample. Opaque text: it is compared, never calculated with.
 */
export function tutorialRestartTime(reported: unknown): string | undefined {
  const reboot = ownValue(ownValue(reported, reportedRoot), 'reboot')
  const time =
    ownValue(reboot, 'lastReboot') ??
    ownValue(reboot, 'startedRebootTime') ??
    ownValue(reported, 'lastReboot')
  return typeof time === 'string' ? time.slice(0, longestText) : undefined
}

export function firmwareVersionOf(reported: unknown): string | undefined {
  return readReported(reported).agent?.firmwareVersion
}

/** The actions that the device's agent accepts; undefined for a device without one. */
export function supportedActions(reported: unknown): readonly string[] | undefined {
  return readReported(reported).agent?.actions
}

/** Reads one key of hostile JSON without ever looking at a prototype. */
function ownValue(container: unknown, key: string): unknown {
  if (typeof container !== 'object' || container === null || !Object.hasOwn(container, key)) return undefined
  return (container as Readonly<Record<string, unknown>>)[key]
}
