import { reportedRoot } from '../../../contract/device/reported.ts'
import type { Json } from '../json.ts'
import { methodRequest, textAt, type DialectRules, type WorkState } from './dialect.ts'
import { firmwareStage } from './firmware-words.ts'

const reboot = [reportedRoot, 'reboot']
const firmware = [reportedRoot, 'firmwareUpdate']

/**
 * Microsoft's "Get started with device management" and "Firmware update" tutorials for direct methods, and the SDK's
 * samples of them: `reboot` with a null payload, `firmwareUpdate` with an address. The Java sample reports its
 * `lastReboot` at the root.
 */
export const tutorial = {
  name: 'tutorial',
  paths: [[reportedRoot], ['lastReboot']],
  recognises: (reported) => restartTime(reported) !== undefined || firmwareState(reported) !== undefined,
  readState: (reported) => ({ restartTime: restartTime(reported), firmware: firmwareState(reported) }),
  readMethods: () => undefined,
  request(parameters) {
    if (parameters.kind === 'reboot') return methodRequest('reboot', null)
    // The tutorial's device reads `payload.fwPackageUri`: as an object, which the samples send, it finds it.
    if (parameters.kind === 'firmwareUpdate') {
      return methodRequest('firmwareUpdate', { fwPackageUri: parameters.fwPackageUri })
    }
    return undefined
  },
} satisfies DialectRules

function restartTime(reported: Json): string | undefined {
  return (
    textAt(reported, [...reboot, 'lastReboot']) ??
    textAt(reported, [...reboot, 'startedRebootTime']) ??
    textAt(reported, ['lastReboot'])
  )
}

/** Each step of the tutorial writes a time of its own: together they tell one update from the one before. */
const stepTimes = [
  'startedWaitingTime',
  'startedDownloadingTime',
  'downloadCompleteTime',
  'startedApplyingImage',
  'lastFirmwareUpdate',
]

function firmwareState(reported: Json): WorkState | undefined {
  const word = textAt(reported, [...firmware, 'status'])
  const stage = word === undefined ? undefined : firmwareStage(word)
  if (word === undefined || stage === undefined) return undefined
  const at = stepTimes.map((name) => textAt(reported, [...firmware, name]) ?? '').join(' ')
  return { stage, word, at, detail: textAt(reported, [...firmware, 'error', 'message']) }
}
