import type { IConnectPacket } from 'mqtt-packet'
import type { DeviceRecord } from '../hub/device-record.ts'
import type { Hub } from '../hub/hub.ts'
import type { Policies } from '../security/policies.ts'
import { coversResource, foldHost, isSignedBy, parseSasToken } from '../security/sas-token.ts'
import type { SasToken } from '../security/sas-token.ts'
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
  readonly deviceId: string
  /** Milliseconds since the epoch; the hub ends the connection then. */
  readonly tokenExpiresAt: number
}

export type Refusal = Exclude<(typeof connackCodes)[keyof typeof connackCodes], 0>

export interface DeviceAuthentication {
  readonly hub: Hub
  readonly hostName: string
  readonly policies: Policies
}

/**
 * Who connects, or the CONNACK code that refuses it.
 * https://learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub#using-the-mqtt-protocol-directly-as-a-device
 */
export function authenticateDevice(
  context: DeviceAuthentication,
  packet: IConnectPacket,
): Admission | Refusal {
  if (packet.protocolId !== 'MQTT' || packet.protocolVersion !== 4) return connackCodes.badProtocol
  const deviceId = packet.clientId
  // A slash would make it a module, which this hub does not implement.
  if (deviceId === '' || deviceId.includes('/')) return connackCodes.badClientId
  const isAllowed =
    isUserNameOf(packet.username ?? '', `${context.hostName}/${deviceId}`) && isWillAllowed(packet, deviceId)
  const token = isAllowed ? validToken(context, deviceId, packet.password) : undefined
  return token ? { deviceId, tokenExpiresAt: token.expiresAt } : connackCodes.notAuthorized
}

function validToken(
  context: DeviceAuthentication,
  deviceId: string,
  password: Buffer | undefined,
): SasToken | undefined {
  const record = context.hub.store.get(deviceId)
  const token = parseSasToken(password?.toString() ?? '')
  return token && record?.status === 'enabled' && isTokenValid(context, record, token) ? token : undefined
}

/** `{host}/{device}/?api-version=...`; neither a host nor a device id contains a slash. */
function isUserNameOf(userName: string, identity: string): boolean {
  const end = userName.indexOf('/?')
  const parameters = new URLSearchParams(userName.slice(end + 2))
  return (
    end !== -1 &&
    foldHost(userName.slice(0, end)) === identity &&
    (parameters.get('api-version') ?? '') !== ''
  )
}

/** A will is one more telemetry message. */
function isWillAllowed({ will }: IConnectPacket, deviceId: string): boolean {
  return (
    will === undefined || (parsePublishTopic(will.topic, deviceId)?.kind === 'telemetry' && will.qos !== 2)
  )
}

/** Signed with a key of the device, or with a policy that may connect devices. */
function isTokenValid(
  { hub, hostName, policies }: DeviceAuthentication,
  record: DeviceRecord,
  token: SasToken,
): boolean {
  const { deviceId, keys } = record
  const isCovered = [deviceId, encodeURIComponent(deviceId)].some((id) =>
    coversResource(token, `${hostName}/devices/${id}`),
  )
  if (!isCovered || token.expiresAt <= hub.clock.now()) return false
  if (token.keyName === undefined || token.keyName === '') {
    return isSignedBy(token, keys.primary) || isSignedBy(token, keys.secondary)
  }
  const policy = policies.get(token.keyName)
  return policy !== undefined && policy.rights.has('DeviceConnect') && isSignedBy(token, policy.key)
}
