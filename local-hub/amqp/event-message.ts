import rhea from 'rhea'
import type { Message } from 'rhea'
import { bytesBody } from './message-parts.ts'
import type { HubEvent, LoggedEvent } from '../events/hub-event.ts'

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-messages-construct#system-properties-of-d2c-iot-hub-messages */
export function eventMessage(logged: LoggedEvent): Message {
  const { event } = logged
  const { messageId, correlationId, userId, contentType, contentEncoding, to, creationTime } = event.system
  const created = creationTime === undefined ? NaN : Date.parse(creationTime)
  return {
    ...(messageId !== undefined && { message_id: messageId }),
    ...(correlationId !== undefined && { correlation_id: correlationId }),
    ...(userId !== undefined && { user_id: userId }),
    ...(contentType !== undefined && { content_type: contentType }),
    ...(contentEncoding !== undefined && { content_encoding: contentEncoding }),
    ...(to !== undefined && { to }),
    ...(!Number.isNaN(created) && { creation_time: new Date(created) }),
    message_annotations: annotationsOf(logged),
    application_properties: { ...event.properties },
    body: bytesBody(event.body),
  }
}

function annotationsOf({ event, sequenceNumber, offset, enqueuedAt }: LoggedEvent): Record<string, unknown> {
  const { deviceId, moduleId, generationId, source, system } = event
  return {
    'x-opt-sequence-number': rhea.types.wrap_long(sequenceNumber),
    'x-opt-offset': String(offset),
    'x-opt-enqueued-time': rhea.types.wrap_timestamp(enqueuedAt),
    'iothub-connection-device-id': deviceId,
    ...(moduleId !== undefined && { 'iothub-connection-module-id': moduleId }),
    ...(event.authentication && { 'iothub-connection-auth-method': authMethodOf(event.authentication) }),
    ...(generationId !== undefined && { 'iothub-connection-auth-generation-id': generationId }),
    'iothub-enqueuedtime': rhea.types.wrap_timestamp(enqueuedAt),
    'iothub-message-source': source,
    ...(system.interfaceId !== undefined && { 'iothub-interface-id': system.interfaceId }),
    ...(system.subject !== undefined && { 'dt-subject': system.subject }),
  }
}

function authMethodOf({ scope, type }: NonNullable<HubEvent['authentication']>): string {
  const issuer = type === 'x509Authority' ? 'x509' : 'iothub'
  return JSON.stringify({ scope, type, issuer, acceptingIpFilterRule: null })
}
