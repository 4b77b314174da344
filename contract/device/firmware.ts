import { z } from 'zod'
import { cappedText, DeviceInstant, optional } from './hostile-values.ts'
import { ActionEnvelope, DeviceActionId } from './method.ts'

/** Names the meaning of the signed bytes: a signature made for anything else is none for firmware. */
export const firmwareManifestFormat = 'drover-firmware/1'

export const FirmwareVersion = z.string().regex(/^[\x21-\x7e]{1,64}$/)
export const HardwareName = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/)
export const UpdateModuleName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/)
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
export const KeyId = z.string().regex(/^[0-9a-f]{32}$/)

/** Where a package is: `https`, without a user name or a password in it. A SAS token may be in its query. */
export const PackageAddress = z
  .url({ protocol: /^https$/ })
  .max(2048)
  .refine((text) => !/^[^/]*\/\/[^/?#]*@/.test(text))

const PackageSize = z
  .number()
  .int()
  .positive()
  .max(2 ** 40)

/**
 * What is signed: the exact bytes of this JSON text, with Ed25519. A field that the device does not know is refused,
 * because it may be a condition.
 */
export const FirmwareManifest = z.strictObject({
  format: z.literal(firmwareManifestFormat),
  /** The version that the device must run afterwards. */
  version: FirmwareVersion,
  /** Grows with every release. A device takes none that is lower than what it has committed. */
  sequence: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  sha256: Sha256,
  /** In bytes. */
  size: PackageSize,
  /** The hardware that it is for. */
  hardware: z.array(HardwareName).min(1).max(32),
  /** Nothing is installed by this manifest later on. */
  expiresAt: z.iso.datetime({ offset: true }),
  /** Which update module of the device installs it. */
  module: UpdateModuleName,
  /** Only from here, when it is given. */
  packageUri: PackageAddress.optional(),
})
export type FirmwareManifest = z.infer<typeof FirmwareManifest>

/**
 * The payload of `firmwareUpdate`. `manifest` is the text that `signature` (base64) is for; what else names the
 * package must agree with it. Only a device that is configured to do without signatures takes one without.
 */
export const FirmwarePayload = ActionEnvelope.extend({
  fwPackageUri: z.string().max(2048),
  fwVersion: FirmwareVersion.exactOptional(),
  sha256: Sha256.exactOptional(),
  size: PackageSize.exactOptional(),
  keyId: KeyId.exactOptional(),
  signature: z
    .string()
    .regex(/^[A-Za-z0-9+/]{86}==$/)
    .exactOptional(),
  manifest: z.string().max(8192).exactOptional(),
})
export type FirmwarePayload = z.infer<typeof FirmwarePayload>

/** What the public tutorial sends, as an object or as its JSON text. */
export const TutorialFirmwarePayload = z.object({ fwPackageUri: z.string().max(2048) })

/** What the tutorial's device answers, word for word, with status 200. */
export const tutorialFirmwareAnswer = 'FirmwareUpdate started'

/** The status words of the public tutorial, and those that it has no word for: from `applyComplete` on they end it. */
export const firmwareStatuses = [
  'waiting',
  'downloading',
  'downloadComplete',
  'verifying',
  'applying',
  'rebooting',
  'applyComplete',
  'downloadFailed',
  'applyFailed',
  'rolledBack',
  'cancelled',
] as const
export type FirmwareStatus = (typeof firmwareStatuses)[number]

/** Why an update was refused or failed: the words that the agent uses. A reader meets others, and shows them as text. */
export const firmwareErrorCodes = [
  'unsigned',
  'untrusted',
  'unknown-key',
  'bad-signature',
  'bad-manifest',
  'mismatch',
  'expired',
  'wrong-hardware',
  'rollback',
  'no-module',
  'insecure-address',
  'endless-data',
  'wrong-size',
  'wrong-hash',
  'slow-download',
  'changing-package',
  'refused-download',
  'download-failed',
  'no-space',
  'install-failed',
  'did-not-reboot',
  'wrong-version',
  'unhealthy',
  'too-many-tries',
  'commit-failed',
  'rollback-failed',
  'locked',
  'cancelled',
  'interrupted',
] as const
export type FirmwareErrorCode = (typeof firmwareErrorCodes)[number]

/** `firmwareUpdate` under `iothubDM`: progress while it runs, then the one terminal report. */
export const FirmwareReport = z.object({
  actionId: DeviceActionId,
  status: z.enum(firmwareStatuses),
  /** Percent of the present phase. */
  progress: optional(z.number().min(0).max(100)),
  fwVersion: optional(cappedText(64)),
  /** Without its query, where a token may be. */
  fwPackageUri: optional(cappedText(256)),
  startedAt: optional(DeviceInstant),
  endedAt: optional(DeviceInstant),
  error: optional(z.object({ code: cappedText(64), message: optional(cappedText(512)) })),
})
export type FirmwareReport = z.infer<typeof FirmwareReport>

export function isFinalFirmwareStatus(status: FirmwareStatus): boolean {
  return firmwareStatuses.indexOf(status) >= firmwareStatuses.indexOf('applyComplete')
}
