import { EventEmitter, once } from 'node:events'
import { connectPacket, openRawDevice } from '../../../local-hub/testing/raw-device.ts'
import type { RawDevice } from '../../../local-hub/testing/raw-device.ts'
import type { HubProcess } from './hub-process.ts'

/** A device that takes direct methods, and answers when the test says so. */
export interface MethodDevice {
  /** The request id of the next method that arrives. */
  nextMethod(): Promise<string>
  answer(requestId: string, status: number): void
  /** Methods that have arrived and that nobody has taken. */
  methodCount(): number
  close(): void
}

export async function openMethodDevice(
  hub: HubProcess,
  deviceId: string,
  key: string,
): Promise<MethodDevice> {
  const target = { ...hub, deviceConnectionString: () => `SharedAccessKey=${key};` }
  const device = await openRawDevice(target)
  device.send(connectPacket(target, deviceId))
  await device.next()
  device.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: '$iothub/methods/POST/#', qos: 0 }],
  })
  await device.next()
  const waiting: string[] = []
  const arrivals = new EventEmitter()
  void takeMethods(device, (requestId) => {
    waiting.push(requestId)
    arrivals.emit('method')
  })
  return {
    async nextMethod() {
      if (waiting.length === 0) await once(arrivals, 'method')
      return waiting.shift() ?? ''
    },
    answer(requestId, status) {
      const topic = `$iothub/methods/res/${status}/?$rid=${requestId}`
      device.send({ cmd: 'publish', topic, payload: '{}', qos: 0, dup: false, retain: false })
    },
    methodCount: () => waiting.length,
    close: () => void device.socket.end(),
  }
}

/** For as long as the device lives: what never comes is never waited for by anybody else. */
async function takeMethods(device: RawDevice, onMethod: (requestId: string) => void): Promise<never> {
  for (;;) {
    const packet = await device.next()
    const topic = packet.cmd === 'publish' ? packet.topic : ''
    const requestId = /^\$iothub\/methods\/POST\/.*\$rid=(.*)$/.exec(topic)?.[1]
    if (requestId !== undefined) onMethod(requestId)
  }
}
