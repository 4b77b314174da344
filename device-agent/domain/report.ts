import { readReported, reportedRoot, type AgentReport } from '../../contract/device/reported.ts'
import type { AgentState, FinishedAction } from './agent-state.ts'

/** What the twin holds of the agent's own parts. */
export interface TwinView {
  /** The action whose report the twin shows. */
  readonly rebootId: string | undefined
  readonly agent: AgentReport | undefined
}

/** What the twin lacks. `patch` is absent when it lacks nothing. */
export interface Outstanding {
  readonly patch?: object
  /** The queued action whose report the twin holds, at the latest after the patch. */
  readonly proves?: string
  /** The twin after the patch. */
  readonly after: TwinView
}

export function viewTwin(reported: unknown): TwinView {
  const { reboot, agent } = readReported(reported)
  return { rebootId: reboot?.actionId, agent }
}

/** Compares the twin with what is true, so that at most one patch is sent for both parts. */
export function outstandingReport(state: AgentState, agent: AgentReport, twin: TwinView): Outstanding {
  const queued = state.finished.find((action) => action.actionId === state.unreported)
  const isReported = queued === undefined || twin.rebootId === queued.actionId
  const parts = {
    ...(isReported ? {} : { reboot: rebootPart(queued) }),
    ...(isSameAgent(twin.agent, agent) ? {} : { agent }),
  }
  return {
    ...(Object.keys(parts).length === 0 ? {} : { patch: { [reportedRoot]: parts } }),
    ...(queued === undefined ? {} : { proves: queued.actionId }),
    after: { rebootId: queued?.actionId ?? twin.rebootId, agent },
  }
}

/** The whole block: null removes what an earlier report left behind. */
function rebootPart(action: FinishedAction): object {
  const { actionId, status, bootIdBefore, bootIdAfter } = action
  const endedAt = instant(action.endedAt)
  return {
    ...{ actionId, status, bootIdBefore, bootIdAfter, endedAt },
    startedAt: action.startedAt === undefined ? null : instant(action.startedAt),
    // A failed reboot leaves the time of the last one that happened.
    ...(status === 'completed' ? { lastReboot: endedAt } : {}),
    error: action.error ?? null,
  }
}

/** The boot time is derived from the clock, which is set after the boot: it is new only together with the boot id. */
function isSameAgent(reported: AgentReport | undefined, agent: AgentReport): boolean {
  if (reported === undefined) return false
  return comparable(reported) === comparable(agent)
}

function comparable({
  version,
  bootId,
  firmwareVersion,
  platform,
  actions,
  keepsOnReset,
}: AgentReport): string {
  return JSON.stringify([version, bootId, firmwareVersion, platform, actions, keepsOnReset])
}

function instant(wallClockMs: number): string {
  return new Date(wallClockMs).toISOString()
}
