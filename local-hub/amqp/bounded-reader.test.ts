import { beforeAll, describe, expect, test } from 'vitest'
import rhea from 'rhea'
import { boundReader } from './bounded-reader.ts'

beforeAll(boundReader)

/** The head of an array of so many values of a type (AMQP 1.0, 1.6.23), inside a message's body. */
function arrayBody(count: number, typecode: number, values = Buffer.alloc(0)): Buffer {
  const head = Buffer.from([0x00, 0x53, 0x77, 0xf0, 0, 0, 0, 0, 0, 0, 0, 0, typecode])
  head.writeUInt32BE(5 + values.length, 4)
  head.writeUInt32BE(count, 8)
  return Buffer.concat([head, values])
}

/** Lists in lists, each of which says that it has as many values. */
function listBody(count: number, depth: number): Buffer {
  const list = Buffer.from([0xd0, 0, 0, 0, 4, 0, 0, 0, 0])
  list.writeUInt32BE(count, 5)
  return Buffer.concat([Buffer.from([0x00, 0x53, 0x77]), ...Array.from({ length: depth }, () => list)])
}

const decode = (bytes: Buffer) => rhea.message.decode(bytes) as unknown

describe('what rhea reads', () => {
  test.each([
    ['nulls', 0x40],
    ['trues', 0x41],
    ['zeros', 0x44],
    ['empty lists', 0x45],
    ['uuids', 0x98],
    ['bytes', 0x50],
    ['texts', 0xa1],
  ])('an array that says it has four billion %s is refused at once', (_what, typecode) => {
    expect(() => decode(arrayBody(0xffff_ffff, typecode))).toThrow('larger than its frame')
    expect(() => decode(arrayBody(30, typecode, Buffer.alloc(20)))).toThrow('larger than its frame')
  })

  test('lists in lists that say they have millions of values take no room for them', () => {
    const before = process.memoryUsage().heapTotal
    expect(() => decode(listBody(30_000_000, 500))).toThrow(RangeError)
    expect(process.memoryUsage().heapTotal - before).toBeLessThan(50_000_000)
  })

  test('arrays and lists that are as long as they say are read', () => {
    expect(decode(arrayBody(3, 0x50, Buffer.from([1, 2, 3])))).toMatchObject({ body: [1, 2, 3] })
    expect(decode(arrayBody(2, 0xa1, Buffer.from('\x01a\x02bc', 'latin1')))).toMatchObject({
      body: ['a', 'bc'],
    })
    const body = { list: [1, 'two', [true, null]], map: { a: { b: 'c' } } }
    expect(decode(rhea.message.encode({ body }))).toMatchObject({ body })
  })
})
