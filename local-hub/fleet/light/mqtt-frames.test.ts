import { generate } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { MqttFrames } from './mqtt-frames.ts'

const publish = (topic: string, payload: string) =>
  generate({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false })

test('packets are whole whatever the pieces in which their bytes come, also of two connections in turns', () => {
  const frames = new MqttFrames()
  const streams = ['a', 'b'].map((name) =>
    Buffer.concat([publish(name, 'x'.repeat(300)), publish(name, 'y')]),
  )
  for (const size of [1, 2, 3, 7, 100, 1000]) {
    const rests: (Buffer | undefined)[] = [undefined, undefined]
    const topics: string[][] = [[], []]
    for (let at = 0; at < 400; at += size) {
      for (const [index, stream] of streams.entries()) {
        const chunk = stream.subarray(at, at + size)
        const rest = rests[index]
        const taken = frames.take(rest ? Buffer.concat([rest, chunk]) : chunk)
        rests[index] = taken.rest
        topics[index]?.push(...taken.packets.map((packet) => (packet.cmd === 'publish' ? packet.topic : '')))
      }
    }
    expect(topics).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ])
  }
})

test('what is not MQTT is an error, and spoils nothing for the others', () => {
  const frames = new MqttFrames()
  expect(() => frames.take(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1]))).toThrow(/four bytes/)
  expect(() => frames.take(Buffer.from([0xff, 0x00]))).toThrow()
  expect(frames.take(publish('a', '')).packets).toHaveLength(1)
})
