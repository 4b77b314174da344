import { z } from 'zod'
import { firmwareErrorCodes } from '../../contract/device/firmware.ts'
import { FirmwarePlan, FirmwareRequest } from './plan.ts'

const Problem = z.object({ code: z.enum(firmwareErrorCodes), message: z.string() })

/** `release` is what was found beside the package, where the call named only that: root asks for the signature again. */
const planned = { plan: FirmwarePlan, release: FirmwareRequest.exactOptional() }

/** Known from the verification on: what the module said before anything was touched. */
const verified = {
  ...planned,
  versionBefore: z.string().exactOptional(),
  needsReboot: z.boolean(),
}

/** A reboot that was ordered, or is about to be: only another boot id proves it. */
const ordered = { bootId: z.string(), orderedUptime: z.number().nonnegative(), isForced: z.boolean() }

/** The durable steps. `state` is the word that a caller sees; each phase can be begun again after an interruption. */
export const UpdateStep = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('download'), state: z.literal('downloading'), ...planned }),
  z.object({ phase: z.literal('verify'), state: z.literal('verifying'), ...planned }),
  z.object({ phase: z.literal('install'), state: z.literal('applying'), ...verified }),
  z.object({ phase: z.literal('switch'), state: z.literal('rebooting'), ...verified, ...ordered }),
  z.object({
    phase: z.literal('trial'),
    state: z.literal('testing'),
    ...verified,
    bootId: z.string(),
    /** How often the agent has started with it. */
    tries: z.number().int().positive(),
    /** It must be well by then, in milliseconds since the start of the machine. */
    untilUptime: z.number(),
  }),
  z.object({ phase: z.literal('commit'), state: z.literal('testing'), ...verified }),
  z.object({
    phase: z.literal('rollback'),
    state: z.literal('applying'),
    ...verified,
    problem: Problem,
    /** Whether the new system may be what runs now. */
    wasStarted: z.boolean(),
  }),
  z.object({
    phase: z.literal('return'),
    state: z.literal('rebooting'),
    ...verified,
    problem: Problem,
    ...ordered,
  }),
])
export type UpdateStep = z.infer<typeof UpdateStep>

export type Phase = UpdateStep['phase']
export type StepOf<Name extends Phase> = Extract<UpdateStep, { phase: Name }>
