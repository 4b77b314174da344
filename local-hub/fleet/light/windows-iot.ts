import type { JsonObject } from '../../hub/json.ts'
import { instant, report, restart } from './script.ts'
import type { Answer, Call, LightDialect, Moment, Reaction } from './script.ts'

/** Windows IoT's device management client. Its `lastBootTime` is the system's own: the one public sample with a proof. */
export const windows: LightDialect = {
  hello: ({ state }: Moment): JsonObject => ({
    windows: { rebootInfo: { lastBootTime: instant(state.bootedAt) } },
  }),
  react(call) {
    switch (call.method) {
      case 'windows.rebootAsync':
        return reboot(call)
      case 'windows.startFactoryResetAsync':
        return factoryReset(call)
      case 'windows.reportAllAsync':
        return { answer: nothing, script: [report((moment) => windows.hello(moment) ?? {})] }
      default:
        return undefined
    }
  },
  refuse: (): Answer => ({ status: 500, payload: { response: 'inActiveHours' } }),
}

const nothing: Answer = { status: 200, payload: {} }

function reboot(call: Call): Reaction {
  const command = report(({ now }) => ({
    windows: { rebootInfo: { lastRebootCmdTime: instant(now), lastRebootCmdStatus: 'accepted' } },
  }))
  return { answer: { status: 200, payload: { response: 'accepted' } }, script: [command, restart(call)] }
}

function factoryReset(call: Call): Reaction {
  const say = (state: string) =>
    report(({ now }) => ({ windows: { factoryReset: { lastChange: { time: instant(now), state } } } }))
  return { answer: nothing, script: [say('pending'), restart(call), say('completed')] }
}
