import { describe, expect, test } from 'vitest'
import type { CloudToDeviceMessage } from '../hub/cloud-to-device-message.ts'
import { formatPropertyBag, parsePropertyBag } from './property-bag.ts'

describe('parsePropertyBag', () => {
  test('reads what the SDK writes', () => {
    expect(
      parsePropertyBag(
        '%24.mid=m1&%24.cid=c1&%24.uid=u1&%24.ct=application%2Fjson&%24.ce=utf-8&level=hot%26dry',
      ),
    ).toEqual({
      system: {
        messageId: 'm1',
        correlationId: 'c1',
        userId: 'u1',
        contentType: 'application/json',
        contentEncoding: 'utf-8',
      },
      properties: { level: 'hot&dry' },
    })
  })

  test.each<[string, Record<string, string>]>([
    ['', {}],
    ['/', {}],
    ['?a=1', { a: '1' }],
    ['a=1&&b=2/', { a: '1', b: '2' }],
    ['a', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['$.unknown=1&a=1', { a: '1' }],
  ])('%j has the properties %j', (text, properties) => {
    expect(parsePropertyBag(text)).toEqual({ system: {}, properties })
  })

  test('a property named __proto__ is one like any other', () => {
    const bag = parsePropertyBag('__proto__=x')
    expect(Object.entries(bag?.properties ?? {})).toEqual([['__proto__', 'x']])
    expect(({} as { x?: string }).x).toBeUndefined()
  })

  test.each(['%', 'a=%E0%A4%A', '=1'])('%j is no property bag', (text) => {
    expect(parsePropertyBag(text)).toBeUndefined()
  })
})

describe('formatPropertyBag', () => {
  const message: CloudToDeviceMessage = {
    messageId: 'm 1',
    correlationId: undefined,
    userId: undefined,
    contentType: 'text/plain',
    contentEncoding: undefined,
    acknowledgement: 'full',
    expiresAt: Date.parse('2026-01-01T00:00:00Z'),
    properties: { 'a+b': 'c#d', '': '' },
    body: Buffer.alloc(0),
  }

  test('writes a topic that a device can parse and a broker would accept', () => {
    const text = formatPropertyBag(message, '/devices/d/messages/devicebound')
    expect(text).not.toMatch(/[#+ /]/)
    expect(text).toContain('%24.to=%2Fdevices%2Fd%2Fmessages%2Fdevicebound')
    expect(new URLSearchParams(text).get('$.mid')).toBe('m 1')
    expect(new URLSearchParams(text).get('$.exp')).toBe('2026-01-01T00:00:00.000Z')
    expect(new URLSearchParams(text).get('iothub-ack')).toBe('full')
    expect(new URLSearchParams(text).get('a+b')).toBe('c#d')
  })

  test('leaves out what was not said', () => {
    const silent = { ...message, messageId: undefined, contentType: undefined, expiresAt: undefined }
    expect(formatPropertyBag({ ...silent, acknowledgement: 'none', properties: {} }, 't')).toBe('%24.to=t')
  })
})
