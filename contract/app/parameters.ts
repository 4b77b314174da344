import { z } from 'zod'
import { ActionId } from './ids.ts'

export const ActionKind = z.enum([
  'reboot',
  'factoryReset',
  'firmwareUpdate',
  'method',
  'desired',
  'tags',
  'restore',
])
export type ActionKind = z.infer<typeof ActionKind>

/** JSON as text. It stays text on its way: what a person or a device wrote is shown as it was written. */
export const JsonText = z.string().max(131_072)

/** What can be asked of any devices at any time. */
export const CampaignParameters = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('reboot') }),
  /** Everything that the device's owner has not put on its keep list is wiped; a device may not come back. */
  z.object({ kind: z.literal('factoryReset') }),
  /** New firmware, from where the device itself downloads it. */
  z.object({
    kind: z.literal('firmwareUpdate'),
    fwVersion: z.string().min(1).max(64),
    /** An https address. */
    fwPackageUri: z.string().min(1).max(2048),
    /** What `drover-agent sign` printed, as it was; absent for devices that take an address and nothing else. */
    release: JsonText.optional(),
  }),
  /** A direct method of any name. The hub allows payloads up to 128 KB and 5 to 300 seconds for the answer. */
  z.object({
    kind: z.literal('method'),
    methodName: z.string().min(1).max(100),
    payload: JsonText,
    responseTimeoutMs: z.number().int().min(5_000).max(300_000),
  }),
  /** A merge patch of the desired properties: a JSON object, in which null removes. */
  z.object({ kind: z.literal('desired'), patch: JsonText }),
  /** A merge patch of the tags, which devices do not see. */
  z.object({ kind: z.literal('tags'), patch: JsonText }),
])
export type CampaignParameters = z.infer<typeof CampaignParameters>
export type CampaignKind = CampaignParameters['kind']

/** Puts back the desired properties and the tags that the journal has kept from before a factory reset. */
export const RestoreParameters = z.object({ kind: z.literal('restore'), resetId: ActionId })

/** What is asked of each device of an action. */
export const ActionParameters = z.discriminatedUnion('kind', [
  ...CampaignParameters.options,
  RestoreParameters,
])
export type ActionParameters = z.infer<typeof ActionParameters>
