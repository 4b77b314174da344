import { describe, expect, test } from 'vitest'
import { FrameError, FrameWatch } from './frame-watch.ts'

const header = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 1, 0, 0])

function frame(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes, 0xff)
  buffer.writeUInt32BE(bytes)
  return buffer
}

describe('FrameWatch', () => {
  const stream = Buffer.concat([header, frame(8), frame(100), header, frame(64 * 1024), frame(12)])

  test.each([1, 3, 7, 64, 1000, stream.length])('follows the frames in pieces of %i bytes', (size) => {
    const watch = new FrameWatch()
    for (let start = 0; start < stream.length; start += size) watch.push(stream.subarray(start, start + size))
    expect(() => {
      watch.push(frame(64 * 1024 + 1))
    }).toThrow(FrameError)
  })

  test.each([0, 4, 7, 64 * 1024 + 1, 0xffff_ffff])(
    'refuses a length of %i as soon as it is known',
    (length) => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(length)
      const watch = new FrameWatch()
      watch.push(header)
      watch.push(bytes.subarray(0, 3))
      expect(() => {
        watch.push(bytes.subarray(3))
      }).toThrow(FrameError)
    },
  )

  test('takes other protocols for what they are', () => {
    for (const text of ['GET / HTTP/1.1\r\n', '\x16\x03\x01\x02', '\x10\x10\x00\x04MQTT']) {
      expect(() => {
        new FrameWatch().push(Buffer.from(text, 'latin1'))
      }).toThrow(FrameError)
    }
  })
})
