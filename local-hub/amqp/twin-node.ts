import rhea from 'rhea'
import type { Message, Receiver, Sender } from 'rhea'
import type { DeviceIdentity } from '../hub/device-identity.ts'
import { HubError, invalid } from '../hub/hub-error.ts'
import { parseReport } from '../hub/parse-report.ts'
import { deviceTwinView } from '../hub/twin-view.ts'
import { pause } from '../http/pause.ts'
import { admitBilled } from '../limits/limits.ts'
import type { Limits } from '../limits/limits.ts'
import type { DeviceOperation } from '../limits/operation.ts'
import { twinErrorJson } from '../mqtt/twin-error.ts'
import type { AmqpDevice } from './amqp-device.ts'
import type { AmqpPeer, OpenLink } from './amqp-peer.ts'
import { withFaults } from './amqp-faults.ts'
import { deviceTarget, openDeviceLink } from './device-nodes.ts'
import { receiveMessages } from './incoming-link.ts'
import { annotationOf, bodyOf, echoedIdOf, jsonBody } from './message-parts.ts'

interface TwinAnswer {
  readonly status: number
  /** JSON. */
  readonly body?: string
  readonly version?: number
}

const desiredResource = '/notifications/twin/properties/desired'

/** `/devices/{id}/twin`, where the hub answers and tells of desired properties. */
export function openTwinAnswers(peer: AmqpPeer, sender: Sender, identity: DeviceIdentity): OpenLink {
  const { link, device } = openDeviceLink(peer, identity)
  device.openTwin(sender)
  return {
    ...link,
    close() {
      device.openTwin(undefined)
      link.close()
    },
  }
}

/** `/devices/{id}/twin`, where the device asks. */
export function openTwinRequests(peer: AmqpPeer, receiver: Receiver, identity: DeviceIdentity): OpenLink {
  const { link, device } = openDeviceLink(peer, identity)
  const onMessage = withFaults<Message>(peer, {
    targetOf(message) {
      const operation = operations.get(requestOf(message))
      return operation && deviceTarget(operation, identity)
    },
    async execute(message) {
      answer(device, message, await answerTwinRequest(peer, device, message))
    },
    refuse(message, status) {
      answer(device, message, {
        status,
        body: twinErrorJson({ number: status * 1000, message: 'A fault of the plan' }),
      })
    },
  })
  receiveMessages({ ...peer, receiver, onMessage })
  return link
}

function answer(device: AmqpDevice, request: Message, { status, body, version }: TwinAnswer): void {
  const id = echoedIdOf(request.correlation_id)
  device.sendTwin({
    ...(id !== undefined && { correlation_id: id }),
    message_annotations: {
      status: rhea.types.wrap_int(status),
      ...(version !== undefined && { version: rhea.types.wrap_long(version) }),
    },
    body: jsonBody(body ?? ''),
  })
}

/** What is asked, such as `PATCH /properties/reported`. */
function requestOf(message: Message): string {
  return `${annotationOf(message, 'operation') ?? ''} ${annotationOf(message, 'resource') ?? ''}`.trim()
}

/** What rules of faults call it. */
const operations = new Map<string, DeviceOperation>([
  ['GET', 'deviceTwinRead'],
  ['GET /', 'deviceTwinRead'],
  ['PATCH /properties/reported', 'deviceTwinUpdate'],
])

async function answerTwinRequest(peer: AmqpPeer, device: AmqpDevice, message: Message): Promise<TwinAnswer> {
  try {
    const request = requestOf(message)
    switch (request) {
      case 'GET':
      case 'GET /':
        await pause(peer.hub.clock, admitBilled(peer.limits, 'twinRead'))
        return twinOf(device, peer.limits)
      case 'PATCH /properties/reported':
        await pause(peer.hub.clock, admitBilled(peer.limits, 'twinUpdate'))
        return report(device, peer.limits, bodyOf(message))
      case `PUT ${desiredResource}`:
      case `DELETE ${desiredResource}`:
        device.subscribeDesired(request.startsWith('PUT'))
        return { status: 200 }
      default:
        throw invalid(`There is no twin operation ${JSON.stringify(request)}`)
    }
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    return { status: error.status, body: twinErrorJson(error) }
  }
}

function twinOf(device: AmqpDevice, { meter }: Limits): TwinAnswer {
  const body = JSON.stringify(deviceTwinView(device.record))
  meter.charge('twinRead', Buffer.byteLength(body))
  return { status: 200, body }
}

function report(device: AmqpDevice, { meter }: Limits, body: Buffer): TwinAnswer {
  const version = device.identities.twins.report(device.key, parseReport(body))
  meter.charge('twinUpdate', body.length)
  return { status: 204, version }
}
