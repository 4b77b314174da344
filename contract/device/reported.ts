import { z } from 'zod'
import { cappedList, cappedText, DeviceInstant, OpaqueToken, optional } from './hostile-values.ts'
import { DeviceActionId } from './method.ts'

/** The key of the reported properties under which everything is, as in the public tutorials. */
export const reportedRoot = 'iothubDM'

/** Why an action failed: the words that the agent uses. A reader meets others, and shows them as text. */
export const deviceErrorCodes = ['did-not-reboot', 'command-failed', 'interrupted'] as const

/** `reboot` under `iothubDM`: the one terminal report of an action that has an id. */
export const RebootReport = z.object({
  actionId: DeviceActionId,
  status: z.enum(['completed', 'failed']),
  /** Written when the reboot is proven, unlike the tutorial's, which is written when the method arrives. */
  lastReboot: optional(DeviceInstant),
  bootIdBefore: optional(OpaqueToken),
  bootIdAfter: optional(OpaqueToken),
  /** When the reboot command was issued, and when its outcome was known: their difference is the down time. */
  startedAt: optional(DeviceInstant),
  endedAt: optional(DeviceInstant),
  error: optional(z.object({ code: cappedText(64), message: optional(cappedText(512)) })),
})
export type RebootReport = z.infer<typeof RebootReport>

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
})
export type AgentReport = z.infer<typeof AgentReport>

/** The parts of the protocol that are well-formed in a device's reported properties. */
export interface DeviceReport {
  readonly reboot: RebootReport | undefined
  readonly agent: AgentReport | undefined
}

/** Reads the reported properties of a twin. Each part stands alone: a wrong one is undefined and spoils no other. */
export function readReported(reported: unknown): DeviceReport {
  const root = ownValue(reported, reportedRoot)
  return {
    reboot: RebootReport.safeParse(ownValue(root, 'reboot')).data,
    agent: AgentReport.safeParse(ownValue(root, 'agent')).data,
  }
}

function ownValue(container: unknown, key: string): unknown {
  if (typeof container !== 'object' || container === null || !Object.hasOwn(container, key)) return undefined
  return Object.getOwnPropertyDescriptor(container, key)?.value
}
