import { isJsonObject } from '../../hub/json.ts'
import type { JsonObject } from '../../hub/json.ts'
import { textOf } from './firmware-request.ts'
import { instant, report, restart, wait } from './script.ts'
import type { Answer, Call, LightDialect, Moment, Step } from './script.ts'

/**
 * The firmware tutorial for automatic device configurations: what is wanted is a desired property, and there is no
 * method at all.
 */
export const configuration: LightDialect = {
  hello: ({ state }: Moment): JsonObject => ({
    firmware: { currentFwVersion: state.firmwareVersion, pendingFwVersion: '', fwUpdateStatus: 'current' },
  }),
  react: () => undefined,
  refuse: (): Answer => ({ status: 500, payload: null }),
  desired,
}

function desired({ firmware }: JsonObject, call: Call): readonly Step[] | undefined {
  const wanted = isJsonObject(firmware) ? firmware : {}
  const version = textOf(wanted['fwVersion'])
  if (version === undefined || version === call.state.firmwareVersion) return undefined
  const isSecure = textOf(wanted['fwPackageURI'])?.startsWith('https:') === true
  return isSecure ? updateSteps(call, version) : [say('error', 'Insecure package URI')]
}

function updateSteps(call: Call, version: string): readonly Step[] {
  const pause = wait(call.phaseMs)
  const begin = report(({ now, state }) => ({
    firmware: {
      currentFwVersion: state.firmwareVersion,
      pendingFwVersion: version,
      fwUpdateStatus: 'downloading',
      fwUpdateSubstatus: '0',
      lastFwUpdateStartTime: instant(now),
      lastFwUpdateEndTime: '',
    },
  }))
  if (call.firmware === 'failsDownload') return [begin, pause, say('error', 'The package is not there')]
  const apply = [begin, pause, say('verifying', ''), pause, say('applying', ''), pause, say('rebooting', '')]
  if (call.firmware === 'rollsBack') return [...apply, restart(call), say('rolledback', 'It does not start')]
  return [
    ...apply,
    restart(call, version),
    report(({ now }) => ({
      firmware: { currentFwVersion: version, pendingFwVersion: '', fwUpdateStatus: 'current', ...ended(now) },
    })),
  ]
}

function say(fwUpdateStatus: string, fwUpdateSubstatus: string): Step {
  const isOver = fwUpdateStatus === 'error' || fwUpdateStatus === 'rolledback'
  return report(({ now }) => ({
    firmware: { fwUpdateStatus, fwUpdateSubstatus, ...(isOver ? ended(now) : {}) },
  }))
}

function ended(now: number): JsonObject {
  return { lastFwUpdateEndTime: instant(now) }
}
