import { z } from 'zod'
import { FirmwareReport } from './firmware.ts'
import { cappedList, cappedText, DeviceInstant, OpaqueToken, optional } from './hostile-values.ts'
import { DeviceActionId } from './method.ts'

/** The key of the reported properties under which everything is, as in the public tutorials. */
export const reportedRoot = 'iothubDM'

/** Why an action failed: the words that the agent uses. A reader meets others, and shows them as text. */
export const deviceErrorCodes = [
  ...(['did-not-reboot', 'unprovable', 'command-failed', 'interrupted', 'timed-out'] as const),
  ...(['wipe-failed', 'internal'] as const),
] as const

const DeviceError = z.object({ code: cappedText(64), message: optional(cappedText(512)) })

/** How an action ended. `cancelled`: by `cancelAction`, before it had an effect. */
const FinalStatus = z.enum(['completed', 'failed', 'cancelled'])

/** `reboot` under `iothubDM`: the one terminal report of an action that has an id. */
export const RebootReport = z.object({
  actionId: DeviceActionId,
  status: FinalStatus,
  /** Written when the reboot is proven, unlike the tutorial's, which is written when the method arrives. */
  lastReboot: optional(DeviceInstant),
  bootIdBefore: optional(OpaqueToken),
  bootIdAfter: optional(OpaqueToken),
  /** When the reboot command was issued, and when its outcome was known: their difference is the down time. */
  startedAt: optional(DeviceInstant),
  endedAt: optional(DeviceInstant),
  error: optional(DeviceError),
})
export type RebootReport = z.infer<typeof RebootReport>

/** `factoryReset` under `iothubDM`, reported by the system that the reset left behind. */
export const FactoryResetReport = z.object({
  actionId: DeviceActionId,
  status: FinalStatus,
  startedAt: optional(DeviceInstant),
  endedAt: optional(DeviceInstant),
  /** What was left in place. */
  kept: cappedList(cappedText(64), 32).prefault([]),
  error: optional(DeviceError),
})
export type FactoryResetReport = z.infer<typeof FactoryResetReport>

/** The report of a command of the device's own, under its method name. */
export const CommandReport = z.object({
  actionId: DeviceActionId,
  status: z.enum(['running', ...FinalStatus.options]),
  progress: optional(z.unknown()),
  startedAt: optional(DeviceInstant),
  endedAt: optional(DeviceInstant),
  /** What the command answered, where that is short enough for a twin. */
  result: optional(z.unknown()),
  error: optional(DeviceError),
})
export type CommandReport = z.infer<typeof CommandReport>

/** `agent` under `iothubDM`: who answers on the device, and what it can do. */
export const AgentReport = z.object({
  version: cappedText(64),
  bootId: OpaqueToken,
  bootedAt: optional(DeviceInstant),
  firmwareVersion: optional(cappedText(128)),
  platform: optional(cappedText(64)),
  /** The method names that it accepts now. */
  actions: cappedList(cappedText(64), 32),
  /** What a factory reset leaves in place. */
  keepsOnReset: cappedList(cappedText(64), 32).prefault([]),
  /** Why the device refuses destructive actions now; absent when it does not. */
  updateLock: optional(cappedText(256)),
  /** How often the machine restarted although no action had asked for it, since the agent was installed. */
  unexpectedReboots: optional(z.number().int().nonnegative().catch(0)),
})
export type AgentReport = z.infer<typeof AgentReport>

/** The parts of the protocol that are well-formed in a device's reported properties. */
export interface DeviceReport {
  readonly reboot: RebootReport | undefined
  readonly factoryReset: FactoryResetReport | undefined
  readonly firmwareUpdate: FirmwareReport | undefined
  readonly agent: AgentReport | undefined
}

/** Reads the reported properties of a twin. Each part stands alone: a wrong one is undefined and spoils no other. */
export function readReported(reported: unknown): DeviceReport {
  const root = ownValue(reported, reportedRoot)
  return {
    reboot: readPart(RebootReport, root, 'reboot'),
    factoryReset: readPart(FactoryResetReport, root, 'factoryReset'),
    firmwareUpdate: readPart(FirmwareReport, root, 'firmwareUpdate'),
    agent: readPart(AgentReport, root, 'agent'),
  }
}

/** Reads the report of a command of the device's own. */
export function readCommandReport(reported: unknown, methodName: string): CommandReport | undefined {
  return readPart(CommandReport, ownValue(reported, reportedRoot), methodName)
}

/** Most devices report one part or two: what is absent is not worth the error that it would be found out by. */
function readPart<T>(part: z.ZodType<T>, root: unknown, name: string): T | undefined {
  const value = ownValue(root, name)
  return value === undefined ? undefined : part.safeParse(value).data
}

function ownValue(container: unknown, key: string): unknown {
  if (typeof container !== 'object' || container === null || !Object.hasOwn(container, key)) return undefined
  return Object.getOwnPropertyDescriptor(container, key)?.value
}
