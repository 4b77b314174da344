import type { DeviceIdentity } from '../hub/device-identity.ts'
import type { Hub } from '../hub/hub.ts'
import { batchContentType, headersOfMessage, messageOfRequest, messagesOfBatch } from './device-messages.ts'
import { bodyOf, deviceIdOf } from './route.ts'
import type { HubRequest, HubResponse, Route } from './route.ts'

const inbox = ['devices', ':deviceId', 'messages', 'devicebound']

/** What a device may ask over HTTPS. https://learn.microsoft.com/rest/api/iothub/device */
export const deviceRoutes: readonly Route[] = [
  sendEvents(['devices', ':deviceId', 'messages', 'events']),
  sendEvents(['devices', ':deviceId', 'modules', ':moduleId', 'messages', 'events']),
  { method: 'GET', path: inbox, right: 'DeviceConnect', handle: receive },
  {
    method: 'DELETE',
    path: [...inbox, ':lockToken'],
    right: 'DeviceConnect',
    handle: (hub, request) => settle(hub, request, request.parameters.has('reject') ? 'reject' : 'complete'),
  },
  {
    method: 'POST',
    path: [...inbox, ':lockToken', 'abandon'],
    right: 'DeviceConnect',
    handle: (hub, request) => settle(hub, request, 'abandon'),
  },
]

/** The device, or module, that a path is for and of; `undefined` for a path of the service side. */
export function deviceOfPath(path: string): DeviceIdentity | undefined {
  const [, deviceId, moduleId] =
    /^\/devices\/([^/]+)(?:\/modules\/([^/]+))?\/(?:messages|files)(?:\/|$)/.exec(path) ?? []
  const ids = { deviceId: decode(deviceId), moduleId: decode(moduleId) }
  return ids.deviceId === undefined ? undefined : { ...ids, deviceId: ids.deviceId }
}

function sendEvents(path: readonly string[]): Route {
  return {
    method: 'POST',
    path,
    right: 'DeviceConnect',
    handle(hub, request) {
      const { rawHeaders, body, sender } = request
      const isBatch = request.headers['content-type']?.toLowerCase().startsWith(batchContentType) === true
      const messages = isBatch ? messagesOfBatch(body, bodyOf(request)) : [messageOfRequest(rawHeaders, body)]
      const identity = { deviceId: deviceIdOf(request), moduleId: request.params['moduleId'] }
      for (const message of messages)
        hub.telemetry.receive({ ...identity, ...message, authentication: sender })
      return { status: 204 }
    },
  }
}

/** The next message, which the device then has for a minute. */
function receive(hub: Hub, request: HubRequest): HubResponse {
  const deviceId = deviceIdOf(request)
  const locked = hub.cloudToDevice.lockNext(deviceId)
  if (!locked) return { status: 204 }
  const to = `/devices/${encodeURIComponent(deviceId)}/messages/deviceBound`
  return { status: 200, bytes: locked.pending.message.body, headers: headersOfMessage(locked, to) }
}

function settle(
  { cloudToDevice }: Hub,
  request: HubRequest,
  settlement: 'complete' | 'abandon' | 'reject',
): HubResponse {
  cloudToDevice.settle(deviceIdOf(request), request.params['lockToken'] ?? '', settlement)
  return { status: 204 }
}

function decode(segment: string | undefined): string | undefined {
  try {
    return segment === undefined ? undefined : decodeURIComponent(segment)
  } catch {
    // A malformed escape: it is nobody's id, and whoever asks is refused like everybody without a right.
    return segment
  }
}
