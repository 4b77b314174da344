import type { IPublishPacket, ISubscribePacket, Packet } from 'mqtt-packet'
import { HubError } from '../hub/hub-error.ts'
import type { Hub } from '../hub/hub.ts'
import { isJsonObject, parseJson } from '../hub/json.ts'
import type { JsonObject } from '../hub/json.ts'
import type { DeviceLink, MethodCall } from '../hub/presence.ts'
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

export interface DeviceSessionOptions {
  readonly hub: Hub
  readonly deviceId: string
  readonly stream: PacketStream
  readonly subscriptions: Set<Subscription>
}

/** https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-quotas-throttling */
const largestTelemetry = 256 * 1024

/**
 * A connected device. IoT Hub is no publish-subscribe broker: each documented topic has one meaning, and anything
 * else closes the connection. Twin topics need no subscription, because the SDK does not renew it after a lost session.
 */
export class DeviceSession implements DeviceLink {
  readonly #hub: Hub
  readonly #deviceId: string
  readonly #stream: PacketStream
  readonly #subscriptions: Set<Subscription>

  constructor({ hub, deviceId, stream, subscriptions }: DeviceSessionOptions) {
    this.#hub = hub
    this.#deviceId = deviceId
    this.#stream = stream
    this.#subscriptions = subscriptions
  }

  get acceptsMethods(): boolean {
    return this.#subscriptions.has('methods')
  }

  deliverMethod({ methodName, requestId, payload }: MethodCall): void {
    this.#publish(methodTopic(methodName, requestId), payload)
  }

  deliverDesired(patch: JsonObject, version: number): void {
    this.#publish(desiredTopic(version), JSON.stringify(withVersion(patch, version)))
  }

  disconnect(): void {
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
    this.#act(message, Buffer.from(packet.payload))
    if (packet.qos === 1) this.#stream.send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
  }

  #act(message: DeviceMessage, payload: Buffer): void {
    switch (message.kind) {
      case 'telemetry':
        return payload.length > largestTelemetry
          ? this.disconnect()
          : this.#hub.telemetry.receive(this.#deviceId)
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

  #sendTwin(requestId: string): void {
    const twin = deviceTwinView(this.#hub.registry.get(this.#deviceId))
    this.#publish(twinResponseTopic(200, requestId), JSON.stringify(twin))
  }

  #report(requestId: string, payload: Buffer): void {
    try {
      const version = this.#hub.twins.report(this.#deviceId, parseReport(payload))
      this.#publish(twinResponseTopic(204, requestId, version), '')
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      const body = { errorCode: error.number, message: error.message, timestampUtc: new Date().toISOString() }
      this.#publish(twinResponseTopic(error.status, requestId), JSON.stringify(body))
    }
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
