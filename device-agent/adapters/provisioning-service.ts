import { createHmac } from 'node:crypto'
import { EventEmitter } from 'node:events'
import provisioning from 'azure-iot-provisioning-device'
import mqtt, { type Mqtt } from 'azure-iot-provisioning-device-mqtt'
import { z } from 'zod'
import { withDeadline } from '../deadline.ts'
import type { AssignedHub, Enrolment, Register } from '../identity-source.ts'
import type { Clock } from '../ports/clock.ts'
import type { Credentials, Transport } from '../ports/hub-identity.ts'
import type { Network } from './network.ts'

export interface ProvisioningParts {
  readonly clock: Clock
  readonly network: Network
}

/** A token is used at once, and once. */
const tokenSeconds = 3_600

/** Asks Azure's Device Provisioning Service, with its genuine SDK, which hub is this device's. */
export function provisioningService({ clock, network }: ProvisioningParts): Register {
  return async (enrolment, credentials, attempt) => {
    const { transport, broken } = newTransport(enrolment.host, attempt.transport, network)
    const security = securityOf(enrolment, credentials, clock)
    const client = provisioning.ProvisioningDeviceClient.create(
      enrolment.host,
      enrolment.idScope,
      transport,
      security,
    )
    const what = `ask ${enrolment.host} with ${attempt.transport}`
    const answer = Promise.race([client.register(), broken])
    try {
      return toAssignedHub(await withDeadline(answer, { clock, timeoutMs: attempt.deadlineMs, what }))
    } catch (error) {
      const said = wordsOf(error)
      if (said === undefined) throw error
      throw new Error(`${enrolment.host} refuses this device: ${said}`, { cause: error })
    } finally {
      transport.disconnect(() => undefined)
    }
  }
}

/** `broken` rejects with what the SDK would end the process with: it does not expect its connection to be lost. */
function newTransport(host: string, way: Transport, network: Network) {
  const isWebSocket = way === 'mqtt-websocket'
  const transport = isWebSocket ? new mqtt.MqttWs() : new mqtt.Mqtt()
  const { agent, ca } = network.requestOptions(host)
  const broken = Promise.withResolvers<never>()
  broken.promise.catch(() => undefined)
  const base = baseOf(transport)
  base.setOptions({
    ...(ca !== undefined && { ca }),
    ...(isWebSocket && { mqtt: { webSocketAgent: agent } }),
  })
  const listeners = base.listeners('message')
  base.removeAllListeners('message')
  base.on('message', (...message: unknown[]) => {
    try {
      for (const listener of listeners) Reflect.apply(listener, base, message)
    } catch (error) {
      broken.reject(new Error('the provisioning service answers what nobody understands', { cause: error }))
    }
  })
  transport.on('error', (error: unknown) => {
    broken.reject(error)
  })
  return { transport, broken: broken.promise }
}

interface MqttBase extends EventEmitter {
  setOptions(options: object): void
}

/** The SDK gives no other way to name an authority or a proxy. */
function baseOf(transport: Mqtt): MqttBase {
  const base: unknown = Reflect.get(transport, '_mqttBase')
  if (isMqttBase(base)) return base
  throw new Error('this version of azure-iot-provisioning-device-mqtt keeps its parts elsewhere')
}

function isMqttBase(value: unknown): value is MqttBase {
  return value instanceof EventEmitter && typeof Reflect.get(value, 'setOptions') === 'function'
}

type SecurityClient = Parameters<typeof provisioning.ProvisioningDeviceClient.create>[3]

function securityOf(enrolment: Enrolment, credentials: Credentials, clock: Clock): SecurityClient {
  const { registrationId } = enrolment
  if (credentials.kind === 'certificate') {
    const { chain: cert, privateKey: key } = credentials.certificate
    return {
      getRegistrationId: () => registrationId,
      getCertificate: (done: (error: undefined, pair: { cert: string; key: string }) => void) => {
        done(undefined, { cert, key })
      },
    }
  }
  return {
    getRegistrationId: (done: (error: null, id: string) => void) => {
      done(null, registrationId)
    },
    createSharedAccessSignature: (_scope: string, done: (error: null, token: string) => void) => {
      done(null, tokenOf(enrolment, credentials.key, clock))
    },
  } as unknown as SecurityClient
}

/** See https://learn.microsoft.com/azure/iot-dps/how-to-control-access: a token of one registration. */
function tokenOf({ idScope, registrationId }: Enrolment, key: string, clock: Clock): string {
  const resource = encodeURIComponent(`${idScope}/registrations/${registrationId}`)
  const expiry = Math.round(clock.now() / 1000) + tokenSeconds
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(`${resource}\n${expiry}`)
  const encoded = encodeURIComponent(signature.digest('base64'))
  return `SharedAccessSignature sr=${resource}&sig=${encoded}&se=${expiry}&skn=registration`
}

const Answer = z.object({
  assignedHub: z.string().regex(/^[\w.-]+$/),
  deviceId: z.string().min(1),
})

function toAssignedHub(answer: unknown): AssignedHub {
  const { success, data } = Answer.safeParse(answer)
  if (!success) throw new Error('the provisioning service names no hub')
  return { hostName: data.assignedHub, deviceId: data.deviceId }
}

/** Why the service refused, in its own words; undefined when it has said nothing. */
function wordsOf(error: unknown): string | undefined {
  const result: unknown = error instanceof Error ? Reflect.get(error, 'result') : undefined
  if (typeof result !== 'object' || result === null) return undefined
  const state = 'registrationState' in result ? result.registrationState : undefined
  for (const [holder, key] of [
    [state, 'errorMessage'],
    [result, 'message'],
    [result, 'status'],
  ] as const) {
    const words: unknown =
      typeof holder === 'object' && holder !== null ? Reflect.get(holder, key) : undefined
    if (typeof words === 'string' && words !== '') return words.slice(0, 500)
  }
  return undefined
}
