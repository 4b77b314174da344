import rhea from 'rhea'
import type { Message, Receiver, Sender } from 'rhea'
import { parseAcknowledgement, sizeOfMessage } from '../hub/cloud-to-device-message.ts'
import type { CloudToDeviceMessage } from '../hub/cloud-to-device-message.ts'
import type { Feedback } from '../hub/cloud-to-device.ts'
import { invalid, notImplemented } from '../hub/hub-error.ts'
import { formatTimestamp } from '../hub/timestamp.ts'
import { pause } from '../http/pause.ts'
import { admitBilled } from '../limits/limits.ts'
import type { AmqpPeer, OpenLink } from './amqp-peer.ts'
import { meetLinkFault, withFaults } from './amqp-faults.ts'
import { receiveMessages } from './incoming-link.ts'
import { deviceOfMessageAddress, isModuleAddress } from './link-address.ts'
import { bodyOf, jsonBody, propertiesOf, tagOf, textOf, timeOf, userIdOf } from './message-parts.ts'
import { OutgoingLink } from './outgoing-link.ts'
import type { DeliveryOutcome, OutgoingMessage } from './outgoing-link.ts'

/** `/messages/devicebound`: what the back end sends to devices. */
export function openCloudToDevice(peer: AmqpPeer, receiver: Receiver): OpenLink {
  const recheck = () => {
    peer.claims.assertService('/messages/devicebound')
  }
  recheck()
  const onMessage = withFaults<Message>(peer, {
    targetOf: ({ to }) => ({
      operation: 'sendToDevice',
      deviceId: deviceOfMessageAddress(textOf(to) ?? ''),
      methodName: undefined,
    }),
    execute: (message) => sendToDevice(peer, message),
  })
  receiveMessages({ ...peer, receiver, onMessage })
  return { recheck }
}

/** `/messages/servicebound/feedback`: what became of the messages. */
export function openFeedback(peer: AmqpPeer, sender: Sender): OpenLink {
  const { hub, claims, guard } = peer
  const recheck = () => {
    claims.assertService('/messages/servicebound/feedback')
  }
  recheck()
  meetLinkFault(peer, { operation: 'feedback', deviceId: undefined, methodName: undefined })
  const locks = new Set<string>()
  const link = new OutgoingLink({ sender, guard, next: () => nextFeedback(peer, locks) })
  const stop = hub.feedback.onAvailable(() => {
    // What arises together goes out together.
    setImmediate(() => {
      guard(() => {
        link.wake()
      })
    })
  })
  return {
    recheck,
    close() {
      stop()
      for (const lock of locks) hub.feedback.release(lock)
    },
  }
}

async function sendToDevice({ hub, limits }: AmqpPeer, message: Message): Promise<void> {
  const to = textOf(message.to) ?? ''
  if (isModuleAddress(to)) throw notImplemented('cloud-to-device messages to modules')
  const deviceId = deviceOfMessageAddress(to)
  if (deviceId === undefined) throw invalid('to should be /devices/{device id}/messages/devicebound')
  const parsed = parseMessage(message)
  await pause(hub.clock, admitBilled(limits, 'cloudToDevice'))
  hub.cloudToDevice.send(deviceId, parsed)
  limits.meter.charge('cloudToDevice', sizeOfMessage(parsed))
}

/** Throws ArgumentInvalid, NotImplemented. */
function parseMessage(message: Message): CloudToDeviceMessage {
  const { 'iothub-ack': acknowledgement, ...properties } = propertiesOf(message)
  return {
    messageId: textOf(message.message_id),
    correlationId: textOf(message.correlation_id),
    userId: userIdOf(message.user_id),
    contentType: textOf(message.content_type),
    contentEncoding: textOf(message.content_encoding),
    acknowledgement: parseAcknowledgement(acknowledgement),
    expiresAt: timeOf(message.absolute_expiry_time),
    properties,
    body: bodyOf(message),
  }
}

function nextFeedback({ hub, limits, events }: AmqpPeer, locks: Set<string>): OutgoingMessage | undefined {
  const batch = hub.feedback.lockBatch()
  if (!batch) return undefined
  const { lockToken, records } = batch
  locks.add(lockToken)
  const json = JSON.stringify(records.map(feedbackJson))
  limits.meter.charge('cloudToDevice', Buffer.byteLength(json))
  return {
    message: {
      user_id: events.name,
      content_type: 'application/vnd.microsoft.iothub.feedback.json',
      creation_time: new Date(hub.clock.now()),
      // The SDK for .NET takes no feedback without this, the user id, and a tag of 16 bytes.
      message_annotations: { 'iothub-enqueuedtime': rhea.types.wrap_timestamp(hub.clock.now()) },
      body: jsonBody(json),
    },
    tag: tagOf(lockToken),
    onSettled(outcome: DeliveryOutcome) {
      locks.delete(lockToken)
      if (outcome === 'released') hub.feedback.release(lockToken)
      else hub.feedback.end(lockToken)
    },
  }
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-c2d#message-feedback */
function feedbackJson({ originalMessageId, outcome, deviceId, deviceGenerationId, at }: Feedback): object {
  return {
    originalMessageId,
    description: outcome,
    statusCode: outcome,
    deviceGenerationId,
    deviceId,
    enqueuedTimeUtc: formatTimestamp(at),
  }
}
