import { identitiesOf, identityKey } from '../hub/device-identity.ts'
import { assertMethodName } from '../hub/direct-methods.ts'
import type { MethodInvocation } from '../hub/direct-methods.ts'
import { HubError, invalid } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { parsePassingJson } from '../hub/json.ts'
import type { JsonObject } from '../hub/json.ts'
import { methodErrorResponse } from './error-response.ts'
import { deviceIdOf, objectBodyOf } from './route.ts'
import type { HubRequest, HubResponse, Route } from './route.ts'

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-direct-methods#method-invocation-for-back-end-apps */
export const methodRoutes: readonly Route[] = [
  { method: 'POST', path: ['twins', ':deviceId', 'methods'], right: 'ServiceConnect', handle: invokeMethod },
  {
    method: 'POST',
    path: ['twins', ':deviceId', 'modules', ':moduleId', 'methods'],
    right: 'ServiceConnect',
    handle: invokeMethod,
  },
]

/** Seconds. */
const responseTimeouts = { least: 5, most: 300, usual: 30 }
const connectTimeouts = { least: 0, most: 300, usual: 0 }

async function invokeMethod(hub: Hub, request: HubRequest): Promise<HubResponse> {
  let invocation: MethodInvocation | undefined
  try {
    invocation = parseInvocation(objectBodyOf(request, parsePassingJson))
    const identity = { deviceId: deviceIdOf(request), moduleId: request.params['moduleId'] }
    const { methods } = identitiesOf(hub, identity)
    const { status, payload } = await methods.invoke(identityKey(identity), invocation)
    // The payload goes through as the device wrote it.
    return { status: 200, json: `{"status":${status},"payload":${payload}}` }
  } catch (error) {
    if (error instanceof HubError) return methodErrorResponse(error, timeoutBehind(error, invocation))
    throw error
  }
}

/** Throws ArgumentInvalid. */
function parseInvocation(body: JsonObject): MethodInvocation {
  const { methodName, payload = null } = body
  assertMethodName(methodName)
  return {
    methodName,
    payload: JSON.stringify(payload),
    responseTimeoutMs: timeoutOf(body, 'responseTimeoutInSeconds', responseTimeouts),
    connectTimeoutMs: timeoutOf(body, 'connectTimeoutInSeconds', connectTimeouts),
  }
}

function timeoutOf(body: JsonObject, name: string, range: typeof responseTimeouts): number {
  const seconds = body[name] ?? range.usual
  if (typeof seconds !== 'number' || !(seconds >= range.least && seconds <= range.most)) {
    throw invalid(`${name} should be ${range.least} to ${range.most}`)
  }
  return seconds * 1000
}

function timeoutBehind(error: HubError, invocation: MethodInvocation | undefined): number | undefined {
  if (error.code === 'DeviceNotOnline') return invocation?.connectTimeoutMs
  return error.code === 'DeviceTimeout' ? invocation?.responseTimeoutMs : undefined
}
