import type { Message, Receiver, Sender } from 'rhea'
import type { FaultTarget } from '../faults/faults.ts'
import type { SenderAuthentication } from '../events/hub-event.ts'
import type { DeviceIdentity } from '../hub/device-identity.ts'
import { invalid } from '../hub/hub-error.ts'
import { pause } from '../http/pause.ts'
import { admitBilled } from '../limits/limits.ts'
import type { DeviceOperation } from '../limits/operation.ts'
import type { AmqpDevice } from './amqp-device.ts'
import { meetLinkFault, withFaults } from './amqp-faults.ts'
import type { AmqpPeer, OpenLink } from './amqp-peer.ts'
import { receiveMessages } from './incoming-link.ts'
import { annotationOf, bodyOf, propertiesOf, textOf, timeOf, userIdOf } from './message-parts.ts'

/** `/devices/{id}/messages/events`: telemetry. */
export function openTelemetry(peer: AmqpPeer, receiver: Receiver, identity: DeviceIdentity): OpenLink {
  const { link, authentication } = openDeviceLink(peer, identity)
  const { hub, limits } = peer
  const onBatch = withFaults<readonly Message[]>(peer, {
    targetOf: () => deviceTarget('telemetry', identity),
    // A batch is one message for whoever throttles and bills; all of it arrives, or nothing.
    async execute(messages) {
      const batch = messages.map(telemetryOf)
      await pause(hub.clock, admitBilled(limits, 'telemetry'))
      const sizes = batch.map((message) => hub.telemetry.receive({ ...identity, ...message, authentication }))
      limits.meter.charge(
        'telemetry',
        sizes.reduce((sum, size) => sum + size, 0),
      )
    },
  })
  receiveMessages({ ...peer, receiver, onMessage: (message) => onBatch([message]), onBatch })
  return link
}

/** `/devices/{id}/methods/devicebound`, where the hub calls. */
export function openMethodCalls(peer: AmqpPeer, sender: Sender, identity: DeviceIdentity): OpenLink {
  const { link, device } = openDeviceLink(peer, identity)
  device.openMethods(sender)
  return {
    ...link,
    close() {
      device.openMethods(undefined)
      link.close()
    },
  }
}

/** `/devices/{id}/methods/devicebound`, where the device answers. */
export function openMethodAnswers(peer: AmqpPeer, receiver: Receiver, identity: DeviceIdentity): OpenLink {
  const { link, device } = openDeviceLink(peer, identity)
  const onMessage = withFaults<Message>(peer, {
    targetOf: () => deviceTarget('methodAnswer', identity),
    execute(message) {
      const status = Number(propertiesOf(message)['IoThub-status'])
      if (!Number.isInteger(status)) throw invalid('IoThub-status should be a whole number')
      device.answerMethod(textOf(message.correlation_id) ?? '', { status, body: bodyOf(message) })
    },
  })
  receiveMessages({ ...peer, receiver, onMessage })
  return link
}

export interface OpenDeviceLink {
  readonly device: AmqpDevice
  readonly link: Required<OpenLink>
  readonly authentication: SenderAuthentication
}

/** What the links of a device have in common; throws IotHubUnauthorizedAccess, ThrottlingException. */
export function openDeviceLink(peer: AmqpPeer, identity: DeviceIdentity): OpenDeviceLink {
  const recheck = () => void peer.claims.assertDevice(identity)
  const type = peer.claims.assertDevice(identity)
  const device = peer.device(identity)
  if (!device.hasLinks) meetLinkFault(peer, deviceTarget('connection', identity))
  device.addLink()
  const close = () => {
    device.removeLink()
  }
  return { device, link: { recheck, close, device }, authentication: authenticationOf(device, type) }
}

/** What rules look at, of a device or of its modules. */
export function deviceTarget(operation: DeviceOperation, { deviceId }: DeviceIdentity): FaultTarget {
  return { operation, deviceId, methodName: undefined }
}

function authenticationOf({ identity, record }: AmqpDevice, type: 'sas' | 'x509'): SenderAuthentication {
  const scope = identity.moduleId === undefined ? 'device' : 'module'
  if (type === 'sas') return { scope, type: 'sas' }
  const isOfAuthority = record.credentials.type === 'certificateAuthority'
  return { scope, type: isOfAuthority ? 'x509Authority' : 'x509Certificate' }
}

function telemetryOf(message: Message) {
  const expiry = timeOf(message.absolute_expiry_time)
  const creation = timeOf(message.creation_time)
  const system = {
    messageId: textOf(message.message_id),
    correlationId: textOf(message.correlation_id),
    userId: userIdOf(message.user_id),
    contentType: textOf(message.content_type),
    contentEncoding: textOf(message.content_encoding),
    to: textOf(message.to),
    expiry: expiry === undefined ? undefined : new Date(expiry).toISOString(),
    creationTime: creation === undefined ? undefined : new Date(creation).toISOString(),
    subject: annotationOf(message, 'dt-subject'),
    interfaceId: annotationOf(message, 'iothub-interface-id'),
  }
  return { system: withoutAbsent(system), properties: propertiesOf(message), body: bodyOf(message) }
}

function withoutAbsent<T extends object>(value: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as {
    [Key in keyof T]?: NonNullable<T[Key]>
  }
}
