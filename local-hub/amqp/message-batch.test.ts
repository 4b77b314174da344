import rhea from 'rhea'
import type { Message } from 'rhea'
import { describe, expect, test } from 'vitest'
import { messagesOfBatch } from './message-batch.ts'

const batchFormat = 0x80013700

function batchOf(messages: readonly Message[]): Buffer {
  const parts = messages.map((message) => rhea.message.encode(message))
  return encoded(rhea.message.data_sections(parts))
}

function encoded(body: unknown): Buffer {
  return rhea.message.encode({ body })
}

describe('messagesOfBatch', () => {
  test.each([1, 2, 500])('answers %i messages with all that is theirs', (count) => {
    const messages = Array.from({ length: count }, (_, number) => ({
      message_id: `m${number}`,
      application_properties: { number },
      body: `body ${number}`,
    }))
    expect(messagesOfBatch(batchOf(messages), batchFormat)).toMatchObject(messages)
  })

  test.each([
    ['of none', batchOf([]), 'A batch has 1 to 500 messages'],
    [
      'of too many',
      batchOf(Array.from({ length: 501 }, () => ({ body: 'x' }))),
      'A batch has 1 to 500 messages',
    ],
    ['that is too large', batchOf([{ body: 'x'.repeat(256 * 1024) }]), 'A batch has at most 256 KB'],
    ['that is a text', encoded('text'), 'A batch has 1 to 500 messages'],
    ['that is no message', Buffer.from([1, 2, 3]), 'should be a message'],
    [
      'of what is no message',
      encoded(rhea.message.data_section(Buffer.from([0, 0x53, 0xff]))),
      'should be a message',
    ],
  ])('refuses a batch %s', (_what, bytes, why) => {
    expect(() => messagesOfBatch(bytes, batchFormat)).toThrow(why)
  })

  test('refuses another format by its name', () => {
    expect(() => messagesOfBatch(batchOf([{ body: 'x' }]), 7)).toThrow(
      'does not implement the message format 7',
    )
  })
})
