import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import { FrameError, FrameSplitter } from './frame-splitter.ts'

const connect = generate({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clientId: 'd',
  clean: true,
  keepalive: 0,
})
const publish = (size: number) =>
  generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(size, 1), qos: 0, dup: false, retain: false })

function split(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const splitter = new FrameSplitter()
  const edges = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length]
  return edges.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(edges[index], end)))
}

describe('FrameSplitter', () => {
  test('finds the same packets however the stream is cut', () => {
    const frames = [connect, publish(0), publish(127), publish(128), publish(20_000)]
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), (cuts) => {
        const found = split(Buffer.concat(frames), cuts)
        expect(found.map((frame) => frame.toString('hex'))).toEqual(
          frames.map((frame) => frame.toString('hex')),
        )
      }),
    )
  })

  test('keeps an unfinished packet to itself', () => {
    expect(split(Buffer.concat([connect, publish(10).subarray(0, 5)]), [])).toHaveLength(1)
  })

  test.each([
    ['does not begin with CONNECT', publish(1)],
    ['has a length of five bytes', Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80, 1])],
    [
      'announces more than a telemetry message',
      Buffer.concat([connect, Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])]),
    ],
  ])('refuses a stream that %s, before it is all there', (_what, bytes) => {
    expect(() => split(bytes, [])).toThrow(FrameError)
  })

  test('takes a telemetry message of 256 KB', () => {
    expect(split(Buffer.concat([connect, publish(256 * 1024)]), [1000])).toHaveLength(2)
  })
})
