import type { Clock } from '../hub/clock.ts'
import type { FaultEffect } from '../faults/fault-plan.ts'
import { pause } from './pause.ts'
import type { HubResponse } from './route.ts'

/** What a request ends with: an answer, none at all, a connection that is torn down, or a page for people. */
export type Outcome = HubResponse | 'silence' | 'reset' | 'captivePortal'

/** Does what was asked, with a hub clock that is ahead by the offset. */
export type Execute = (clockOffsetMs: number) => Promise<HubResponse>

export async function applyFault(effect: FaultEffect, execute: Execute, clock: Clock): Promise<Outcome> {
  switch (effect.kind) {
    case 'status':
      return statusResponse(effect)
    case 'silence':
    case 'reset':
    case 'captivePortal':
      return effect.kind
    case 'lostResponse':
      await execute(0)
      return 'reset'
    case 'slow':
      await pause(clock, effect.delayMs)
      return execute(0)
    case 'wrongClock':
      return withDate(await execute(effect.offsetSeconds * 1000), clock.now() + effect.offsetSeconds * 1000)
  }
}

function statusResponse({
  status,
  errorCode,
  retryAfterSeconds,
}: Extract<FaultEffect, { kind: 'status' }>): HubResponse {
  const body = { Message: `ErrorCode:${errorCode};A fault of the plan`, ExceptionMessage: '' }
  const retryAfter = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  return { status, json: JSON.stringify(body), headers: { 'iothub-errorcode': errorCode, ...retryAfter } }
}

function withDate(response: HubResponse, now: number): HubResponse {
  return { ...response, headers: { ...response.headers, date: new Date(now).toUTCString() } }
}
