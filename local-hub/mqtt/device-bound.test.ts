import { describe, expect, test } from 'vitest'
import type { IPublishPacket, Packet } from 'mqtt-packet'
import { addDevice, newHub } from '../testing/new-hub.ts'
import { DeviceBound } from './device-bound.ts'

function scene() {
  const hub = newHub()
  addDevice(hub, 'd')
  const queue = hub.cloudToDevice
  const send = (...ids: readonly string[]) => {
    for (const messageId of ids) {
      queue.send('d', {
        messageId,
        correlationId: undefined,
        userId: undefined,
        contentType: undefined,
        contentEncoding: undefined,
        acknowledgement: 'none',
        expiresAt: undefined,
        properties: {},
        body: Buffer.from(messageId),
      })
    }
  }
  const open = (qos: 0 | 1 = 1) => {
    const packets: IPublishPacket[] = []
    const stream = { send: (packet: Packet) => void packets.push(packet as IPublishPacket) }
    const guard = (work: () => void) => {
      work()
    }
    const link = new DeviceBound({ queue, deviceId: 'd', stream, qos, guard })
    const sent = () => packets.map(({ payload }) => payload.toString())
    const acknowledge = (place: number) => {
      link.acknowledge(packets[place]?.messageId ?? 0)
    }
    return { link, packets, sent, acknowledge }
  }
  return { hub, queue, send, open }
}

describe('messages over MQTT', () => {
  test('what waits comes first, then what is sent, each once', () => {
    const { queue, send, open } = scene()
    send('a')
    const { sent, packets, acknowledge } = open()
    send('b')
    expect(sent()).toEqual(['a', 'b'])
    expect(packets[0]).toMatchObject({ qos: 1, dup: false, retain: false })
    expect(packets[0]?.topic).toContain('devices/d/messages/devicebound/%24.mid=a')
    acknowledge(0)
    acknowledge(0)
    expect(queue.count('d')).toBe(1)
    acknowledge(1)
    expect([queue.count('d'), sent()]).toEqual([0, ['a', 'b']])
  })

  test('what one connection leaves unacknowledged comes again with the next, as a duplicate', () => {
    const { send, open } = scene()
    const first = open()
    send('a', 'b')
    first.acknowledge(0)
    first.link.end()
    const second = open()
    expect(second.sent()).toEqual(['b'])
    expect(second.packets[0]?.dup).toBe(true)
    send('c')
    expect([first.sent(), second.sent()]).toEqual([
      ['a', 'b'],
      ['b', 'c'],
    ])
  })

  test('with QoS 0 a message is gone when it is sent', () => {
    const { queue, send, open } = scene()
    send('a')
    const { packets } = open(0)
    expect(packets).toMatchObject([{ qos: 0 }])
    expect(queue.count('d')).toBe(0)
  })

  test('a device that acknowledges nothing has twenty, and the rest waits', () => {
    const { send, open } = scene()
    send(...Array.from({ length: 30 }, (_, number) => String(number)))
    const { sent, packets, acknowledge } = open()
    expect(sent()).toHaveLength(20)
    acknowledge(7)
    expect(sent().at(-1)).toBe('20')
    expect(new Set(packets.map(({ messageId }) => messageId)).size).toBe(21)
  })

  test('a message that expires in the hands of the device is acknowledged in vain, without harm', () => {
    const { hub, queue, send, open } = scene()
    send('a')
    const { acknowledge } = open()
    hub.clock.advance(3_600_000)
    acknowledge(0)
    expect(queue.count('d')).toBe(0)
  })
})
