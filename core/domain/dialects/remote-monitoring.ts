import type { Json } from '../json.ts'
import { methodRequest, textAt, valueAt, type DialectRules, type WorkState } from './dialect.ts'
import { firmwareStage } from './firmware-words.ts'

/** Microsoft's Remote Monitoring accelerator: everything at the root, and the methods in a list of their own. */
export const remoteMonitoring = {
  name: 'remote-monitoring',
  paths: [['SupportedMethods'], ['Firmware'], ['FirmwareUpdateStatus']],
  recognises: (reported) => textAt(reported, ['SupportedMethods']) !== undefined,
  readState: (reported) => ({
    firmwareVersion: textAt(reported, ['Firmware']),
    firmware: firmwareState(reported),
  }),
  readMethods,
  request(parameters) {
    switch (parameters.kind) {
      case 'reboot':
        return methodRequest('Reboot', null)
      case 'factoryReset':
        return methodRequest('FactoryReset', null)
      case 'firmwareUpdate':
        return methodRequest('FirmwareUpdate', {
          Firmware: parameters.fwVersion,
          FirmwareUri: parameters.fwPackageUri,
        })
    }
  },
} satisfies DialectRules

/** A list of up to a few hundred names. */
const longestList = 8_192

function readMethods(reported: Json): string[] | undefined {
  const list = valueAt(reported, ['SupportedMethods'])
  if (typeof list !== 'string') return undefined
  return list
    .slice(0, longestList)
    .split(',')
    .map((name) => name.trim())
}

function firmwareState(reported: Json): WorkState | undefined {
  const word = textAt(reported, ['FirmwareUpdateStatus'])
  const stage = word === undefined ? undefined : firmwareStage(word)
  return word === undefined || stage === undefined
    ? undefined
    : { stage, word, at: textAt(reported, ['Firmware']) }
}
