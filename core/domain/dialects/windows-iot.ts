import type { Json } from '../json.ts'
import { methodRequest, textAt, type DialectRules, type WorkState } from './dialect.ts'

const rebootInfo = ['windows', 'rebootInfo']
const lastChange = ['windows', 'factoryReset', 'lastChange']

/**
 * Windows IoT's device management client. Its `lastBootTime` is counted by the system, which makes it the only public
 * sample that proves a reboot. A factory reset needs the GUID of the device's recovery partition, which nobody but
 * its owner knows: that is for a mapping file.
 */
export const windowsIot = {
  name: 'windows-iot',
  paths: [rebootInfo, ['windows', 'factoryReset']],
  recognises: (reported) =>
    textAt(reported, [...rebootInfo, 'lastBootTime']) !== undefined ||
    textAt(reported, [...lastChange, 'state']) !== undefined,
  readState: (reported) => ({
    bootTime: textAt(reported, [...rebootInfo, 'lastBootTime']),
    reset: resetState(reported),
  }),
  readMethods: () => undefined,
  request: ({ kind }) => (kind === 'reboot' ? methodRequest('windows.rebootAsync', null) : undefined),
} satisfies DialectRules

const stages: Readonly<Record<string, WorkState['stage']>> = {
  pending: 'resetting',
  committed: 'done',
  completed: 'done',
  failed: 'failed',
}

function resetState(reported: Json): WorkState | undefined {
  const word = textAt(reported, [...lastChange, 'state'])
  if (word === undefined || !Object.hasOwn(stages, word)) return undefined
  const stage = stages[word] ?? 'failed'
  const detail = textAt(reported, [...lastChange, 'errContext'])
  return { stage, word, detail, at: textAt(reported, [...lastChange, 'time']) }
}
