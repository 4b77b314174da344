import { isJsonObject } from '../../hub/json.ts'
import type { JsonObject, JsonValue } from '../../hub/json.ts'
import { objectOf, textOf, versionIn } from './firmware-request.ts'
import { instant, report, reportWithGreeting, restart, wait } from './script.ts'
import type { Answer, Call, LightDialect, Moment, Reaction, Step, Work } from './script.ts'

/** Drover's own device protocol, told in its words and without its disk: docs/device-protocol.md. */
export const agent: LightDialect = { hello, react, refuse }

type Performer = (call: Call, work: Work) => readonly Step[]

const works: ReadonlyMap<string, Performer> = new Map<string, Performer>([
  ['reboot', reboot],
  ['factoryReset', factoryReset],
  ['firmwareUpdate', firmwareUpdate],
])

/** What a factory reset leaves in place. */
const kept = ['identity', 'network']

function hello({ state }: Moment): JsonObject {
  return {
    iothubDM: {
      agent: {
        version: '0.1.0',
        bootId: state.bootId,
        bootedAt: instant(state.bootedAt),
        firmwareVersion: state.firmwareVersion,
        platform: 'light',
        actions: [...works.keys()],
        keepsOnReset: kept,
      },
    },
  }
}

function react(call: Call): Reaction {
  const work = works.get(call.method)
  const wanted = call.payload === null ? {} : objectOf(call.payload)
  if (!work) return answerOnly(501, { state: 'refused', reason: 'this device has no such method' })
  if (!wanted) return answerOnly(400, { state: 'refused', reason: 'the payload should be an object' })
  const actionId = textOf(wanted['actionId'])
  // A back end that knows the tutorial only: it is answered as the tutorial does.
  if (actionId === undefined)
    return begin(call, { work, actionId: call.newId(), answer: tutorialAnswer(call) })
  return answerKnown(call, wanted, actionId) ?? begin(call, { work, actionId, answer: accepted(actionId) })
}

function refuse({ payload }: Call): Answer {
  const actionId = idIn(payload)
  const reason = 'locked by the device: not now'
  return { status: 503, payload: { ...(actionId !== undefined && { actionId }), state: 'refused', reason } }
}

/** All that is not the beginning of something new. */
function answerKnown(call: Call, wanted: JsonObject, actionId: string): Reaction | undefined {
  const { running, done, now } = call
  const known = [running, done].find((work) => work?.actionId === actionId)
  if (known && (known.method !== call.method || known.parameters !== parametersOf(wanted))) {
    return refused(409, actionId, 'this action id was used with other parameters')
  }
  if (known) {
    return known === running
      ? answerOnly(202, { actionId, state: 'running' })
      : answerOnly(200, { actionId, state: 'completed' })
  }
  if (running) {
    const reason = 'another action is running'
    return answerOnly(409, { actionId: running.actionId, state: 'running', reason })
  }
  if (Date.parse(textOf(wanted['notAfter']) ?? '') <= now) return refused(410, actionId, 'too late')
  return wanted['phase'] === 'arm' ? answerOnly(200, armed(call, actionId)) : undefined
}

/** A light device forgets the nonce at once: it takes any of the right shape. */
function armed({ newId }: Call, actionId: string): JsonObject {
  const nonce = newId().replaceAll('-', '')
  return { actionId, state: 'armed', nonce, validSeconds: 60, wipes: ['data'], keeps: kept, willReturn: true }
}

function begin(
  call: Call,
  { work, actionId, answer }: { work: Performer; actionId: string; answer: Answer },
): Reaction {
  const begun = { actionId, method: call.method, parameters: parametersOf(objectOf(call.payload) ?? {}) }
  return { answer, work: begun, script: work(call, begun) }
}

function reboot(call: Call, { actionId }: Work): readonly Step[] {
  const { bootId: bootIdBefore } = call.state
  return [
    restart(call),
    finish('reboot', call, ({ now, state }) => ({
      actionId,
      status: 'completed',
      lastReboot: instant(now),
      bootIdBefore,
      bootIdAfter: state.bootId,
    })),
  ]
}

function factoryReset(call: Call, { actionId }: Work): readonly Step[] {
  return [restart(call), finish('factoryReset', call, () => ({ actionId, status: 'completed', kept }))]
}

function firmwareUpdate(call: Call, { actionId }: Work): readonly Step[] {
  const { fwPackageUri = null, fwVersion } = objectOf(call.payload) ?? {}
  const version = textOf(fwVersion) ?? versionIn(textOf(fwPackageUri) ?? '')
  const block = { actionId, fwVersion: version, fwPackageUri }
  const phase = (status: string, progress: number): Step =>
    report(() => ({ iothubDM: { firmwareUpdate: { ...block, status, progress, error: null } } }))
  const end = (status: string, error: JsonObject | null): Step =>
    finish('firmwareUpdate', call, () => ({ ...block, status, progress: null, error }))
  const pause = wait(call.phaseMs)
  const download = [phase('downloading', 0), pause, phase('downloading', 50), pause]
  const apply = [phase('verifying', 0), pause, phase('applying', 0), pause]
  switch (call.firmware) {
    case 'succeeds':
      return [...download, ...apply, restart(call, version), end('applyComplete', null)]
    case 'failsDownload':
      return [...download, end('downloadFailed', { code: 'download-failed', message: 'HTTP 404' })]
    case 'rollsBack':
      return [
        ...download,
        ...apply,
        restart(call),
        end('rolledBack', { code: 'unhealthy', message: 'no network' }),
      ]
  }
}

/** The terminal report, and with it who the device is now. */
function finish(key: string, { now: startedAt }: Call, block: (moment: Moment) => JsonObject): Step {
  return reportWithGreeting((moment) => {
    const times = { startedAt: instant(startedAt), endedAt: instant(moment.now) }
    const { iothubDM } = hello(moment)
    const about = isJsonObject(iothubDM) ? iothubDM : {}
    return { iothubDM: { ...about, [key]: { ...block(moment), ...times } } }
  })
}

function tutorialAnswer({ method }: Call): Answer {
  const texts = new Map([
    ['reboot', 'Reboot started'],
    ['firmwareUpdate', 'FirmwareUpdate started'],
  ])
  return { status: 200, payload: texts.get(method) ?? 'Started' }
}

function accepted(actionId: string): Answer {
  return { status: 202, payload: { actionId, state: 'accepted' } }
}

function refused(status: number, actionId: string, reason: string): Reaction {
  return answerOnly(status, { actionId, state: 'refused', reason })
}

function answerOnly(status: number, payload: JsonValue): Reaction {
  return { answer: { status, payload }, script: [] }
}

/** Until when something holds is not what it is. */
function parametersOf(wanted: JsonObject): string {
  const { notAfter: _, issuedAt: _issuedAt, ...parameters } = wanted
  return JSON.stringify(parameters)
}

function idIn(payload: JsonValue): string | undefined {
  return textOf(objectOf(payload)?.['actionId'])
}
