import type { IPublishPacket, ISubscribePacket, Packet } from 'mqtt-packet'
import { HubError } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { isJsonObject, parseJson } from '../hub/json.ts'
import type { JsonObject } from '../hub/json.ts'
import type { DeviceLink, MethodCall } from '../hub/presence.ts'
import { admitBilled } from '../limits/limits.ts'
import type { Limits } from '../limits/limits.ts'
import { deviceTwinView, withVersion } from '../hub/twin-view.ts'
import type { PacketStream } from './packet-stream.ts'
import {
  desiredTopic,
  methodTopic,
  parsePublishTopic,
  parseSubscription,
  twinResponseTopic,
} from './topics.ts'
import type { DeviceMessage, Subscription } from './topics.ts'
import { TurnQueue } from './turn-queue.ts'

export interface DeviceSessionOptions {
  readonly hub: Hub
  readonly deviceId: string
  readonly stream: PacketStream
  readonly subscriptions: Set<Subscription>
  readonly limits: Limits
  /** Runs what runs later, so that nothing it throws ends the process. */
  readonly guard: (work: () => void) => void
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling */
const largestTelemetry = 256 * 1024

const throttledBy = { telemetry: 'telemetry', twinRequest: 'twinRead', report: 'twinUpdate' } as const

/**
 * A connected device. IoT Hub is no publish-subscribe broker: each documented topic has one meaning, and anything
 * else closes the connection. Twin topics need no subscription, because the SDK does not renew it after a lost session.
 */
export class DeviceSession implements DeviceLink {
  readonly #hub: Hub
  readonly #deviceId: string
  readonly #stream: PacketStream
  readonly #subscriptions: Set<Subscription>
  readonly #limits: Limits
  readonly #guard: DeviceSessionOptions['guard']
  readonly #turns: TurnQueue

  constructor(options: DeviceSessionOptions) {
    this.#hub = options.hub
    this.#deviceId = options.deviceId
    this.#stream = options.stream
    this.#subscriptions = options.subscriptions
    this.#limits = options.limits
    this.#guard = options.guard
    this.#turns = new TurnQueue(options.hub.clock)
  }

  get acceptsMethods(): boolean {
    return this.#subscriptions.has('methods')
  }

  deliverMethod({ methodName, requestId, payload }: MethodCall): void {
    this.#publish(methodTopic(methodName, requestId), payload)
  }

  deliverDesired(patch: JsonObject, version: number): void {
    const json = JSON.stringify(withVersion(patch, version))
    this.#limits.meter.charge('desiredNotification', Buffer.byteLength(json))
    this.#publish(desiredTopic(version), json)
  }

  disconnect(): void {
    this.#turns.clear()
    this.#stream.end()
    this.#hub.presence.detach(this.#deviceId, this)
  }

  /** Every packet but CONNECT and DISCONNECT. */
  receive(packet: Packet): void {
    switch (packet.cmd) {
      case 'publish':
        return this.#receivePublish(packet)
      case 'subscribe':
        return this.#subscribe(packet)
      case 'unsubscribe':
        for (const filter of packet.unsubscriptions) this.#unsubscribe(filter)
        return this.#stream.send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: [] })
      case 'pingreq':
        return this.#stream.send({ cmd: 'pingresp' })
      default:
        return this.disconnect()
    }
  }

  #receivePublish(packet: IPublishPacket): void {
    const message = parsePublishTopic(packet.topic, this.#deviceId)
    if (!message || packet.qos === 2 || packet.retain) return this.disconnect()
    this.#inTurn(message, () => {
      this.#act(message, Buffer.from(packet.payload))
      if (packet.qos === 1) this.#stream.send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
    })
  }

  /** Answers to methods are never throttled; the rest waits, or is refused, as the tier of the hub says. */
  #inTurn(message: DeviceMessage, work: () => void): void {
    if (message.kind === 'methodAnswer') return work()
    try {
      const delayMs = admitBilled(this.#limits, throttledBy[message.kind])
      this.#turns.run(delayMs, () => {
        this.#guard(work)
      })
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      // MQTT has no word for "later": IoT Hub closes the connection of a device that sends too much.
      if (message.kind === 'telemetry') this.disconnect()
      else this.#refuse(message.requestId, error)
    }
  }

  #act(message: DeviceMessage, payload: Buffer): void {
    switch (message.kind) {
      case 'telemetry':
        return this.#receiveTelemetry(payload)
      case 'twinRequest':
        return this.#sendTwin(message.requestId)
      case 'report':
        return this.#report(message.requestId, payload)
      case 'methodAnswer':
        return this.#hub.methods.answer(this.#deviceId, message.requestId, {
          status: message.status,
          body: payload,
        })
    }
  }

  #receiveTelemetry(payload: Buffer): void {
    if (payload.length > largestTelemetry) return this.disconnect()
    this.#limits.meter.charge('telemetry', payload.length)
    this.#hub.telemetry.receive(this.#deviceId)
  }

  #sendTwin(requestId: string): void {
    const twin = JSON.stringify(deviceTwinView(this.#hub.registry.get(this.#deviceId)))
    this.#limits.meter.charge('twinRead', Buffer.byteLength(twin))
    this.#publish(twinResponseTopic(200, requestId), twin)
  }

  #report(requestId: string, payload: Buffer): void {
    try {
      const version = this.#hub.twins.report(this.#deviceId, parseReport(payload))
      this.#limits.meter.charge('twinUpdate', payload.length)
      this.#publish(twinResponseTopic(204, requestId, version), '')
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      this.#refuse(requestId, error)
    }
  }

  #refuse(requestId: string, error: HubError): void {
    const body = { errorCode: error.number, message: error.message, timestampUtc: new Date().toISOString() }
    this.#publish(twinResponseTopic(error.status, requestId), JSON.stringify(body))
  }

  #subscribe({ subscriptions, messageId }: ISubscribePacket): void {
    const wanted = subscriptions.map(({ topic }) => parseSubscription(topic, this.#deviceId))
    if (wanted.includes(undefined)) return this.disconnect()
    for (const subscription of wanted) if (subscription) this.#subscriptions.add(subscription)
    // QoS 2 may be asked for in a subscription; 1 is granted.
    this.#stream.send({
      cmd: 'suback',
      messageId: messageId ?? 0,
      granted: subscriptions.map(({ qos }) => Math.min(qos, 1)),
    })
    if (wanted.includes('methods')) this.#hub.presence.methodsAccepted(this.#deviceId)
  }

  #unsubscribe(filter: string): void {
    const subscription = parseSubscription(filter, this.#deviceId)
    if (subscription) this.#subscriptions.delete(subscription)
  }

  #publish(topic: string, payload: string): void {
    this.#stream.send({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false })
  }
}

/** Throws IotHubFormatError. */
function parseReport(payload: Buffer): JsonObject {
  try {
    const patch = parseJson(payload)
    if (isJsonObject(patch)) return patch
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
  }
  throw new HubError('IotHubFormatError', 'The reported properties should be a JSON object')
}
