import type { Message, Sender } from 'rhea'
import type { LockedMessage } from '../hub/cloud-to-device-queue.ts'
import { usualLockMs } from '../hub/cloud-to-device.ts'
import type { Settlement } from '../hub/cloud-to-device.ts'
import type { DeviceIdentity } from '../hub/device-identity.ts'
import { notImplemented } from '../hub/hub-error.ts'
import { withFaults } from './amqp-faults.ts'
import { deviceTarget, openDeviceLink } from './device-nodes.ts'
import type { AmqpPeer, OpenLink } from './amqp-peer.ts'
import { bytesBody, tagOf } from './message-parts.ts'
import { OutgoingLink } from './outgoing-link.ts'
import type { DeliveryOutcome, OutgoingMessage } from './outgoing-link.ts'
import rhea from 'rhea'

const settlements: Readonly<Record<DeliveryOutcome, Settlement>> = {
  accepted: 'complete',
  rejected: 'reject',
  released: 'abandon',
}

/** `/devices/{id}/messages/devicebound`: cloud-to-device messages, settled one by one. */
export function openDeviceBound(peer: AmqpPeer, sender: Sender, identity: DeviceIdentity): OpenLink {
  if (identity.moduleId !== undefined) throw notImplemented('cloud-to-device messages to modules')
  const { deviceId } = identity
  const { hub, guard } = peer
  const opened = openDeviceLink(peer, identity)
  const locks = new Set<string>()
  const settle = withFaults<Settled>(peer, {
    targetOf: () => deviceTarget('cloudToDevice', identity),
    execute({ lockToken, outcome }) {
      locks.delete(lockToken)
      // A device that took longer than its lock is not told: its delivery is settled already.
      hub.cloudToDevice.settleQuietly(deviceId, lockToken, settlements[outcome])
    },
    // What the plan refuses comes again with the next link.
    refuse: () => undefined,
  })
  const next = () => {
    const locked = hub.cloudToDevice.lockNext(deviceId, usualLockMs)
    return locked && outgoingOf(locked, { deviceId, locks, settle })
  }
  const link = new OutgoingLink({ sender, guard, next })
  const stop = hub.cloudToDevice.onAvailable(deviceId, () => {
    guard(() => {
      link.wake()
    })
  })
  return {
    ...opened.link,
    close() {
      stop()
      for (const lock of locks) hub.cloudToDevice.release(deviceId, lock)
      opened.link.close()
    },
  }
}

interface Settled {
  readonly lockToken: string
  readonly outcome: DeliveryOutcome
}

interface Lane {
  readonly deviceId: string
  /** Of the messages that the device has and has not settled. */
  readonly locks: Set<string>
  readonly settle: (settled: Settled) => void | Promise<void>
}

function outgoingOf(locked: LockedMessage, { deviceId, locks, settle }: Lane): OutgoingMessage {
  const { lockToken } = locked
  locks.add(lockToken)
  return {
    message: messageOf(locked, deviceId),
    tag: tagOf(lockToken),
    onSettled(outcome) {
      void settle({ lockToken, outcome })
    },
  }
}

function messageOf({ lockToken, pending }: LockedMessage, deviceId: string): Message {
  const { message, sequenceNumber, enqueuedAt, deliveryCount } = pending
  const { messageId, correlationId, userId, contentType, contentEncoding, expiresAt, acknowledgement } =
    message
  return {
    ...(messageId !== undefined && { message_id: messageId }),
    ...(correlationId !== undefined && { correlation_id: correlationId }),
    ...(userId !== undefined && { user_id: userId }),
    ...(contentType !== undefined && { content_type: contentType }),
    ...(contentEncoding !== undefined && { content_encoding: contentEncoding }),
    ...(expiresAt !== undefined && { absolute_expiry_time: new Date(expiresAt) }),
    to: `/devices/${encodeURIComponent(deviceId)}/messages/devicebound`,
    delivery_count: deliveryCount - 1,
    message_annotations: {
      'x-opt-sequence-number': rhea.types.wrap_long(sequenceNumber),
      'x-opt-enqueued-time': rhea.types.wrap_timestamp(enqueuedAt),
      'x-opt-lock-token': rhea.types.wrap_uuid(tagOf(lockToken)),
    },
    application_properties: {
      ...message.properties,
      ...(acknowledgement !== 'none' && { 'iothub-ack': acknowledgement }),
    },
    body: bytesBody(message.body),
  }
}
