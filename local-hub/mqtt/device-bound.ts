import type { LockedMessage } from '../hub/cloud-to-device-queue.ts'
import type { CloudToDevice } from '../hub/cloud-to-device.ts'
import { formatPropertyBag } from './property-bag.ts'
import type { PacketStream } from './packet-stream.ts'

export interface DeviceBoundOptions {
  readonly queue: CloudToDevice
  readonly deviceId: string
  readonly stream: Pick<PacketStream, 'send'>
  /** As granted: with 0 a message is gone when it is sent. */
  readonly qos: 0 | 1
  /** Runs what runs later, so that nothing it throws ends the process. */
  readonly guard: (work: () => void) => void
}

/** Messages that a device may have without having acknowledged them. */
const mostInFlight = 20
const largestMessageId = 65_535

/**
 * Cloud-to-device messages over MQTT: PUBACK completes one, and what a connection leaves unacknowledged comes again
 * with the next. https://learn.microsoft.com/azure/iot/iot-mqtt-connect-to-iot-hub#receiving-cloud-to-device-messages
 */
export class DeviceBound {
  readonly #options: DeviceBoundOptions
  /** Lock tokens by the message id on the wire. */
  readonly #inFlight = new Map<number, string>()
  readonly #stop: () => void
  #lastMessageId = 0

  /** Sends from now on. */
  constructor(options: DeviceBoundOptions) {
    this.#options = options
    this.#stop = options.queue.onAvailable(options.deviceId, () => {
      options.guard(() => {
        this.#pump()
      })
    })
    this.#pump()
  }

  /** PUBACK. One for a message that was never sent, or is acknowledged already, means nothing. */
  acknowledge(messageId: number): void {
    const lockToken = this.#inFlight.get(messageId)
    if (lockToken === undefined) return
    this.#inFlight.delete(messageId)
    const { queue, deviceId } = this.#options
    queue.settleQuietly(deviceId, lockToken, 'complete')
    this.#pump()
  }

  end(): void {
    this.#stop()
    const { queue, deviceId } = this.#options
    for (const lockToken of this.#inFlight.values()) queue.release(deviceId, lockToken)
    this.#inFlight.clear()
  }

  #pump(): void {
    const { queue, deviceId } = this.#options
    while (this.#inFlight.size < mostInFlight) {
      const locked = queue.lockNext(deviceId, Infinity)
      if (!locked) return
      this.#send(locked)
    }
  }

  #send({ lockToken, pending }: LockedMessage): void {
    const { queue, deviceId, stream, qos } = this.#options
    const bag = formatPropertyBag(pending.message, `/devices/${deviceId}/messages/devicebound`)
    const packet = {
      cmd: 'publish',
      topic: `devices/${deviceId}/messages/devicebound/${bag}`,
      payload: Buffer.from(pending.message.body),
      retain: false,
    } as const
    if (qos === 0) {
      stream.send({ ...packet, qos, dup: false })
      queue.settleQuietly(deviceId, lockToken, 'complete')
      return
    }
    const messageId = this.#newMessageId()
    this.#inFlight.set(messageId, lockToken)
    stream.send({ ...packet, qos, dup: pending.deliveryCount > 1, messageId })
  }

  #newMessageId(): number {
    do this.#lastMessageId = (this.#lastMessageId % largestMessageId) + 1
    while (this.#inFlight.has(this.#lastMessageId))
    return this.#lastMessageId
  }
}
