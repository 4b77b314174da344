import type { IConnectPacket } from 'mqtt-packet'
import { identityKey, identityOfKey } from '../hub/device-identity.ts'
import type { DeviceIdentity } from '../hub/device-identity.ts'
import type { SenderAuthentication } from '../events/hub-event.ts'
import {
  authenticateDeviceCertificate,
  authenticateDeviceToken,
  senderOf,
} from '../security/device-access.ts'
import type { DeviceAccess } from '../security/device-access.ts'
import type { ClientCertificate } from '../security/client-certificate.ts'
import { foldHost } from '../security/sas-token.ts'
import { parsePublishTopic } from './topics.ts'

/** MQTT 3.1.1, table 3.1. */
export const connackCodes = {
  accepted: 0,
  badProtocol: 1,
  badClientId: 2,
  unavailable: 3,
  notAuthorized: 5,
} as const

export interface Admission {
  readonly identity: DeviceIdentity
  readonly sender: SenderAuthentication | undefined
  /** Milliseconds since the epoch; the hub ends the connection then. */
  readonly expiresAt: number
  /** Of IoT Plug and Play, where the device names one. */
  readonly modelId: string | undefined
}

/** A DTMI is shorter: https://github.com/Azure/opendigitaltwins-dtdl/blob/master/DTDL/v3/DTDL.v3.md */
const longestModelId = 2048

export type Refusal = Exclude<(typeof connackCodes)[keyof typeof connackCodes], 0>

/**
 * Who connects, or the CONNACK code that refuses it.
 * https://learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub#using-the-mqtt-protocol-directly-as-a-device
 */
export function authenticateDevice(
  access: DeviceAccess,
  packet: IConnectPacket,
  certificate: ClientCertificate | undefined,
): Admission | Refusal {
  if (packet.protocolId !== 'MQTT' || packet.protocolVersion !== 4) return connackCodes.badProtocol
  const identity = identityOfClientId(packet.clientId)
  if (!identity) return connackCodes.badClientId
  const parameters = parametersOf(packet.username, `${access.hostName}/${packet.clientId}`)
  const isAllowed = parameters !== undefined && isWillAllowed(packet, identity)
  const expiresAt = isAllowed ? admittedUntil(access, { identity, packet, certificate }) : undefined
  if (expiresAt === undefined) return connackCodes.notAuthorized
  const modelId = parameters?.get('model-id') ?? undefined
  return { identity, sender: senderOf(access.hub, identity, passwordOf(packet)), expiresAt, modelId }
}

interface Claim {
  readonly identity: DeviceIdentity
  readonly packet: IConnectPacket
  readonly certificate: ClientCertificate | undefined
}

/** A device with a certificate sends no password. */
function admittedUntil(access: DeviceAccess, { identity, packet, certificate }: Claim): number | undefined {
  const token = passwordOf(packet)
  if (token !== undefined) return authenticateDeviceToken(access, identity, token)
  return authenticateDeviceCertificate(access, identity, certificate) ? certificate?.validTo : undefined
}

/** Clients of some makes send an empty one for none. */
function passwordOf({ password }: IConnectPacket): string | undefined {
  return password && password.length > 0 ? password.toString() : undefined
}

/** `device` or `device/module`. */
function identityOfClientId(clientId: string): DeviceIdentity | undefined {
  const identity = identityOfKey(clientId)
  const isWhole = identity.deviceId !== '' && identity.moduleId !== '' && identityKey(identity) === clientId
  return isWhole && !identity.moduleId?.includes('/') ? identity : undefined
}

/**
 * What follows `{host}/{client id}/?` in the user name of a client; neither a host nor an id contains a slash. An
 * api-version is recommended, no more, and the first clients wrote it without the `?`.
 */
function parametersOf(userName: string | undefined, identity: string): URLSearchParams | undefined {
  const name = foldHost(userName ?? '')
  if (!name.startsWith(identity)) return undefined
  const rest = /^\/?$|^\/\?(.*)$|^\/(api-version=.*)$/.exec(name.slice(identity.length))
  const parameters = new URLSearchParams(rest?.[1] ?? rest?.[2] ?? '')
  const isModelNamed = (parameters.get('model-id') ?? '').length <= longestModelId
  return rest && isModelNamed ? parameters : undefined
}

/** A will is one more telemetry message. */
function isWillAllowed({ will }: IConnectPacket, identity: DeviceIdentity): boolean {
  return (
    will === undefined || (parsePublishTopic(will.topic, identity)?.kind === 'telemetry' && will.qos !== 2)
  )
}
