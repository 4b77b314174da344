import type { JsonObject } from '../../hub/json.ts'
import { objectOf, textOf, versionIn } from './firmware-request.ts'
import { instant, report, restart, wait } from './script.ts'
import type { Answer, Call, LightDialect, Reaction, Step } from './script.ts'

/** What the families of the public tutorials differ in. */
interface TutorialWords {
  /** Where the time of the reboot is written: before the restart, so that it proves nothing. */
  readonly rebootPatch: (time: string) => JsonObject
  readonly firmwareAnswer: string
  readonly firmwareStatus: Readonly<Record<FirmwarePhase, string>>
}

type FirmwarePhase = 'downloading' | 'downloaded' | 'downloadFailed' | 'applying' | 'applied' | 'applyFailed'

/** "Get started with device management" and "Firmware update" for Node.js: docs/local-hub.md names the sources. */
export const tutorial = dialectOf({
  rebootPatch: (lastReboot) => ({ iothubDM: { reboot: { lastReboot } } }),
  firmwareAnswer: 'FirmwareUpdate started',
  firmwareStatus: {
    downloading: 'downloading',
    downloaded: 'downloadComplete',
    downloadFailed: 'downloadFailed',
    applying: 'applying',
    applied: 'applyComplete',
    applyFailed: 'applyFailed',
  },
})

const sampleWords: TutorialWords = {
  rebootPatch: (startedRebootTime) => ({ iothubDM: { reboot: { startedRebootTime } } }),
  firmwareAnswer: 'Firmware update started.',
  firmwareStatus: {
    downloading: 'downloading',
    downloaded: 'download complete',
    downloadFailed: 'Download image failed',
    applying: 'applying',
    applied: 'apply firmware image complete',
    applyFailed: 'Apply image failed',
  },
}

/** The samples of the device SDK, which use other words. */
export const sample = dialectOf(sampleWords)

/** The Java sample: `lastReboot` at the root, without a time zone. */
export const java = dialectOf({
  ...sampleWords,
  rebootPatch: (time) => ({ lastReboot: time.replace('Z', '') }),
})

/** None of them says anything before it is asked. */
function dialectOf(words: TutorialWords): LightDialect {
  return {
    hello: () => undefined,
    react(call) {
      if (call.method === 'reboot') return reboot(call, words)
      return call.method === 'firmwareUpdate' ? firmwareUpdate(call, words) : undefined
    },
    refuse: (): Answer => ({ status: 500, payload: 'Device is busy' }),
  }
}

function reboot(call: Call, { rebootPatch }: TutorialWords): Reaction {
  return {
    answer: { status: 200, payload: 'Reboot started' },
    script: [report(({ now }) => rebootPatch(instant(now))), restart(call)],
  }
}

function firmwareUpdate(call: Call, words: TutorialWords): Reaction {
  const address = textOf(objectOf(call.payload)?.['fwPackageUri'])
  if (address === undefined || !address.startsWith('https:')) {
    return {
      answer: { status: 400, payload: 'Invalid URL format.  Must use https:// protocol.' },
      script: [],
    }
  }
  return { answer: { status: 200, payload: words.firmwareAnswer }, script: updateSteps(call, address, words) }
}

function updateSteps(
  call: Call,
  fwPackageUri: string,
  { firmwareStatus: words }: TutorialWords,
): readonly Step[] {
  const say = (block: (time: string) => JsonObject): Step =>
    report(({ now }) => ({ iothubDM: { firmwareUpdate: block(instant(now)) } }))
  const pause = wait(call.phaseMs)
  const begin = [
    say((time) => ({ fwPackageUri, status: 'waiting', error: null, startedWaitingTime: time })),
    pause,
    say((time) => ({ status: words.downloading, startedDownloadingTime: time })),
    pause,
  ]
  if (call.firmware === 'failsDownload') {
    return [
      ...begin,
      say(() => ({ status: words.downloadFailed, error: { code: 404, message: 'Not found' } })),
    ]
  }
  const apply = [
    say((time) => ({ status: words.downloaded, downloadCompleteTime: time })),
    pause,
    say((time) => ({ status: words.applying, startedApplyingImage: time })),
    pause,
  ]
  if (call.firmware === 'rollsBack') {
    const error = { code: 1, message: 'The image does not start' }
    return [...begin, ...apply, say(() => ({ status: words.applyFailed, error }))]
  }
  return [
    ...begin,
    ...apply,
    say((time) => ({ status: words.applied, lastFirmwareUpdate: time })),
    restart(call, versionIn(fwPackageUri)),
  ]
}
