import { FirmwarePayload } from '../../../contract/device/firmware.ts'
import type { Json, JsonObject } from '../json.ts'
import { textAt, type DeviceActionParameters, type DialectRules, type WorkState } from './dialect.ts'
import { firmwareStage } from './firmware-words.ts'

const root = ['firmware']

/**
 * Microsoft's firmware tutorial for automatic device configurations: the new version is a desired property, so it
 * also reaches a device that is offline now.
 */
export const configuration = {
  name: 'configuration',
  paths: [root],
  recognises: (reported) => textAt(reported, [...root, 'fwUpdateStatus']) !== undefined,
  readState: (reported) => ({
    firmwareVersion: textAt(reported, [...root, 'currentFwVersion']),
    firmware: firmwareState(reported),
  }),
  readMethods: () => undefined,
  request(parameters) {
    if (parameters.kind !== 'firmwareUpdate') return undefined
    return { type: 'patch', sections: { desired: { firmware: wanted(parameters) } } }
  },
} satisfies DialectRules

type FirmwareParameters = Extract<DeviceActionParameters, { kind: 'firmwareUpdate' }>

function wanted({ fwVersion, fwPackageUri, release }: FirmwareParameters): JsonObject {
  const checked = FirmwarePayload.shape.sha256.safeParse(release === undefined ? undefined : hashOf(release))
  return {
    fwVersion,
    fwPackageURI: fwPackageUri,
    ...(checked.data === undefined ? {} : { fwPackageCheckValue: checked.data }),
  }
}

function hashOf(release: string): unknown {
  const value = JSON.parse(release) as unknown
  return typeof value === 'object' && value !== null && 'sha256' in value ? value.sha256 : undefined
}

function firmwareState(reported: Json): WorkState | undefined {
  const word = textAt(reported, [...root, 'fwUpdateStatus'])
  const stage = word === undefined ? undefined : firmwareStage(word)
  if (word === undefined || stage === undefined) return undefined
  const detail = textAt(reported, [...root, 'fwUpdateSubstatus'])
  const at = [
    textAt(reported, [...root, 'currentFwVersion']),
    textAt(reported, [...root, 'lastFwUpdateStartTime']),
    textAt(reported, [...root, 'lastFwUpdateEndTime']),
  ]
  return { stage, word, detail, percent: percentOf(detail), at: at.join(' ') }
}

/** "substatus may include reasons ... or download %". */
function percentOf(detail: string | undefined): number | undefined {
  const digits = /^(\d{1,3}) ?%?$/.exec(detail ?? '')?.[1]
  return digits === undefined || Number(digits) > 100 ? undefined : Number(digits)
}
