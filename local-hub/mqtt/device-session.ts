import type {
  IConnectPacket,
  IPublishPacket,
  ISubscribePacket,
  IUnsubscribePacket,
  Packet,
} from 'mqtt-packet'
import { HubError, deviceNotFound } from '../hub/hub-error.ts'
import type { DeviceRecord } from '../hub/device-record.ts'
import { identitiesOf, identityKey } from '../hub/device-identity.ts'
import type { DeviceIdentity, Identities } from '../hub/device-identity.ts'
import type { SenderAuthentication } from '../events/hub-event.ts'
import type { Faults } from '../faults/faults.ts'
import type { Hub } from '../hub/hub.ts'
import { parseReport } from '../hub/parse-report.ts'
import type { JsonObject } from '../hub/json.ts'
import type { DeviceLink, MethodCall } from '../hub/presence.ts'
import { admitBilled } from '../limits/limits.ts'
import type { Limits } from '../limits/limits.ts'
import { deviceTwinView, withVersion } from '../hub/twin-view.ts'
import type { PacketStream } from './packet-stream.ts'
import { DeviceBound } from './device-bound.ts'
import { SessionFaults } from './session-faults.ts'
import type { Subscription } from '../hub/sessions.ts'
import {
  cloudToDeviceQos,
  isCloudToDevice,
  parseSubscriptions,
  withSubscriptions,
  withoutSubscriptions,
} from './subscriptions.ts'
import { withFlags } from './property-bag.ts'
import type { PropertyBag } from './property-bag.ts'
import {
  desiredTopic,
  methodTopic,
  parsePublishTopic,
  parseSubscription,
  twinResponseTopic,
} from './topics.ts'
import type { DeviceMessage } from './topics.ts'
import { TurnQueue } from './turn-queue.ts'
import { twinErrorJson } from './twin-error.ts'

export type Will = NonNullable<IConnectPacket['will']>

export interface DeviceSessionOptions {
  readonly hub: Hub
  readonly identity: DeviceIdentity
  readonly stream: PacketStream
  readonly subscriptions: ReadonlySet<Subscription>
  /** For the next connection of the device. */
  readonly keepSubscriptions: (subscriptions: ReadonlySet<Subscription>) => void
  readonly limits: Limits
  readonly faults: Faults
  /** How the device proved who it is. */
  readonly sender: SenderAuthentication | undefined
  /** Runs what runs later, so that nothing it throws ends the process. */
  readonly guard: (work: () => void) => void
}

const operationOf = {
  telemetry: 'telemetry',
  twinRequest: 'deviceTwinRead',
  report: 'deviceTwinUpdate',
  methodAnswer: 'methodAnswer',
} as const

const throttledBy = { telemetry: 'telemetry', twinRequest: 'twinRead', report: 'twinUpdate' } as const

/**
 * A connected device. IoT Hub is no publish-subscribe broker: each documented topic has one meaning, and anything
 * else closes the connection. Twin topics need no subscription, because the SDK does not renew it after a lost session.
 */
export class DeviceSession implements DeviceLink {
  readonly #options: DeviceSessionOptions
  readonly #key: string
  readonly #identities: Identities
  readonly #turns: TurnQueue
  readonly #faults: SessionFaults
  #subscriptions: ReadonlySet<Subscription>
  #deviceBound: DeviceBound | undefined

  constructor(options: DeviceSessionOptions) {
    this.#options = options
    this.#key = identityKey(options.identity)
    this.#identities = identitiesOf(options.hub, options.identity)
    this.#subscriptions = options.subscriptions
    this.#turns = new TurnQueue(options.hub.clock)
    this.#faults = new SessionFaults({ ...options, ...options.identity, turns: this.#turns })
  }

  get acceptsMethods(): boolean {
    return this.#subscriptions.has('methods')
  }

  deliverMethod({ methodName, requestId, payload }: MethodCall): void {
    this.#publish(methodTopic(methodName, requestId), payload)
  }

  deliverDesired(patch: JsonObject, version: number): void {
    const json = JSON.stringify(withVersion(patch, version))
    this.#options.limits.meter.charge('desiredNotification', Buffer.byteLength(json))
    this.#publish(desiredTopic(version), json)
  }

  /** The device is connected: what waits for it comes now. */
  resume(): void {
    this.#deviceBound?.end()
    const { deviceId } = this.#options.identity
    const { cloudToDevice: queue } = this.#options.hub
    const qos = cloudToDeviceQos(this.#subscriptions)
    const { stream, guard } = this.#options
    const options = { queue, deviceId, stream, guard }
    this.#deviceBound = qos === undefined ? undefined : new DeviceBound({ ...options, qos })
  }

  disconnect(): void {
    this.#deviceBound?.end()
    this.#deviceBound = undefined
    this.#turns.clear()
    this.#options.stream.end()
    this.#identities.presence.detach(this.#key, this)
  }

  /**
   * What the device has left behind in case that it does not say goodbye.
   * https://learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub#using-the-mqtt-protocol-directly-as-a-device
   */
  receiveWill({ topic, payload, retain = false }: Will): void {
    const message = parsePublishTopic(topic, this.#options.identity)
    if (message?.kind !== 'telemetry') return
    this.#receiveTelemetry(withFlags(message.bag, { isRetained: retain, isWill: true }), Buffer.from(payload))
  }

  /** Every packet but CONNECT and DISCONNECT. */
  receive(packet: Packet): void {
    switch (packet.cmd) {
      case 'publish':
        return this.#receivePublish(packet)
      case 'subscribe':
        return this.#subscribe(packet)
      case 'unsubscribe':
        return this.#unsubscribe(packet)
      case 'puback':
        return this.#acknowledge(packet.messageId ?? 0)
      case 'pingreq':
        return this.#options.stream.send({ cmd: 'pingresp' })
      default:
        return this.disconnect()
    }
  }

  #receivePublish(packet: IPublishPacket): void {
    const message = parsePublishTopic(packet.topic, this.#options.identity)
    if (!message || packet.qos === 2) return this.disconnect()
    this.#inTurn(message, () => {
      this.#faults.meet(operationOf[message.kind], {
        execute: () => {
          this.#act(message, packet)
          if (packet.qos === 1) this.#options.stream.send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
        },
        refuse: (status) => this.#refuseByFault(message, status),
      })
    })
  }

  /** To PUBACK nobody says anything; a plan that refuses it has the message come again with the next connection. */
  #acknowledge(messageId: number): void {
    this.#faults.meet('cloudToDevice', {
      execute: () => this.#deviceBound?.acknowledge(messageId),
      refuse: () => undefined,
    })
  }

  /** To telemetry MQTT can only say no by closing; to the answer of a method not even IoT Hub says anything. */
  #refuseByFault(message: DeviceMessage, status: number): void {
    if (message.kind === 'telemetry') return this.disconnect()
    if (message.kind === 'methodAnswer') return
    const body = twinErrorJson({ number: status * 1000, message: 'A fault of the plan' })
    this.#publish(twinResponseTopic(status, message.requestId), body)
  }

  /** Answers to methods are never throttled; the rest waits, or is refused, as the tier of the hub says. */
  #inTurn(message: DeviceMessage, work: () => void): void {
    if (message.kind === 'methodAnswer') return work()
    try {
      const delayMs = admitBilled(this.#options.limits, throttledBy[message.kind])
      this.#turns.run(delayMs, () => {
        this.#options.guard(work)
      })
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      // MQTT has no word for "later": IoT Hub closes the connection of a device that sends too much.
      if (message.kind === 'telemetry') this.disconnect()
      else this.#refuse(message.requestId, error)
    }
  }

  #act(message: DeviceMessage, packet: IPublishPacket): void {
    const payload = Buffer.from(packet.payload)
    switch (message.kind) {
      case 'telemetry':
        return this.#receiveTelemetry(withFlags(message.bag, { isRetained: packet.retain }), payload)
      case 'twinRequest':
        return this.#sendTwin(message.requestId)
      case 'report':
        return this.#report(message.requestId, payload)
      case 'methodAnswer':
        return this.#identities.methods.answer(this.#key, message.requestId, {
          status: message.status,
          body: payload,
        })
    }
  }

  #receiveTelemetry(bag: PropertyBag, body: Buffer): void {
    try {
      const size = this.#options.hub.telemetry.receive({
        ...this.#options.identity,
        ...bag,
        authentication: this.#options.sender,
        body,
      })
      this.#options.limits.meter.charge('telemetry', size)
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      this.disconnect()
    }
  }

  #sendTwin(requestId: string): void {
    const twin = JSON.stringify(deviceTwinView(this.#record()))
    this.#options.limits.meter.charge('twinRead', Buffer.byteLength(twin))
    this.#publish(twinResponseTopic(200, requestId), twin)
  }

  /** A session ends before its identity does. */
  #record(): DeviceRecord {
    const record = this.#identities.store.get(this.#key)
    if (!record) throw deviceNotFound(this.#key)
    return record
  }

  #report(requestId: string, payload: Buffer): void {
    try {
      const version = this.#identities.twins.report(this.#key, parseReport(payload))
      this.#options.limits.meter.charge('twinUpdate', payload.length)
      this.#publish(twinResponseTopic(204, requestId, version), '')
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      this.#refuse(requestId, error)
    }
  }

  #refuse(requestId: string, error: HubError): void {
    this.#publish(twinResponseTopic(error.status, requestId), twinErrorJson(error))
  }

  #subscribe({ subscriptions, messageId }: ISubscribePacket): void {
    const wanted = parseSubscriptions(subscriptions, this.#options.identity)
    if (!wanted) return this.disconnect()
    this.#become(withSubscriptions(this.#subscriptions, wanted))
    // QoS 2 may be asked for in a subscription; 1 is granted.
    this.#options.stream.send({
      cmd: 'suback',
      messageId: messageId ?? 0,
      granted: subscriptions.map(({ qos }) => Math.min(qos, 1)),
    })
    if (wanted.includes('methods')) this.#identities.presence.methodsAccepted(this.#key)
    if (wanted.some(isCloudToDevice)) this.resume()
  }

  /** At least one filter (MQTT 3.1.1, 3.10.3-2); one that was never subscribed to does no harm. */
  #unsubscribe({ unsubscriptions, messageId }: IUnsubscribePacket): void {
    if (unsubscriptions.length === 0) return this.disconnect()
    const gone = unsubscriptions.flatMap(
      (filter) => parseSubscription(filter, this.#options.identity, 1) ?? [],
    )
    this.#become(withoutSubscriptions(this.#subscriptions, gone))
    if (gone.some(isCloudToDevice)) this.resume()
    this.#options.stream.send({ cmd: 'unsuback', messageId: messageId ?? 0, granted: [] })
  }

  #become(subscriptions: ReadonlySet<Subscription>): void {
    this.#subscriptions = subscriptions
    this.#options.keepSubscriptions(subscriptions)
  }

  #publish(topic: string, payload: string): void {
    this.#options.stream.send({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false })
  }
}
