import { objectOf, textOf } from './firmware-request.ts'
import { report, restart, wait } from './script.ts'
import type { Answer, Call, LightDialect, Moment, Reaction, Step } from './script.ts'
import type { JsonObject } from '../../hub/json.ts'

const methods = ['Reboot', 'FactoryReset', 'FirmwareUpdate']

/** Microsoft's Remote Monitoring accelerator: everything at the root, and the methods in a list of their own. */
export const remoteMonitoring: LightDialect = {
  hello: ({ state }: Moment): JsonObject => ({
    SupportedMethods: methods.join(','),
    Firmware: state.firmwareVersion,
    Online: true,
    Type: 'Pump',
  }),
  react(call) {
    if (call.method === 'FirmwareUpdate') return firmwareUpdate(call)
    if (!methods.includes(call.method)) return undefined
    return { answer: { status: 200, payload: `${call.method} accepted` }, script: [restart(call)] }
  },
  refuse: (): Answer => ({ status: 500, payload: 'Not now' }),
}

function firmwareUpdate(call: Call): Reaction {
  const { Firmware, FirmwareUri } = objectOf(call.payload) ?? {}
  const version = textOf(Firmware)
  if (version === undefined) return { answer: { status: 400, payload: 'Missing firmware value' }, script: [] }
  if (textOf(FirmwareUri) === undefined) {
    return { answer: { status: 400, payload: 'Missing firmware uri value' }, script: [] }
  }
  return { answer: { status: 200, payload: 'Firmware update started' }, script: updateSteps(call, version) }
}

function updateSteps(call: Call, version: string): readonly Step[] {
  const say = (FirmwareUpdateStatus: string): Step => report(() => ({ FirmwareUpdateStatus }))
  const pause = wait(call.phaseMs)
  const download = [say('Downloading image..'), pause]
  if (call.firmware === 'failsDownload') return [...download, say('Download failed')]
  const apply = [...download, say('Applying firmware..'), pause, say('Rebooting..')]
  if (call.firmware === 'rollsBack') return [...apply, restart(call), say('Rolled back')]
  return [
    ...apply,
    restart(call, version),
    report(({ state }) => ({ Firmware: state.firmwareVersion, FirmwareUpdateStatus: 'Firmware updated' })),
  ]
}
