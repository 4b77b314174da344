import { describe, expect, test } from 'vitest'
import { withoutSignature } from './windows-program.ts'

const headerAt = 0x80
const certificateEntryAt = headerAt + 24 + 112 + 32

/** The least that is a 64-bit Windows program, with `signature` at its end. */
function program(signature: Buffer, changes: { magic?: number; signedSize?: number } = {}): Buffer {
  const body = Buffer.alloc(0x200, 0xaa)
  body.writeUInt32LE(headerAt, 0x3c)
  body.write('PE\0\0', headerAt, 'latin1')
  body.writeUInt16LE(changes.magic ?? 0x20b, headerAt + 24)
  body.writeUInt32LE(signature.length === 0 ? 0 : body.length, certificateEntryAt)
  body.writeUInt32LE(changes.signedSize ?? signature.length, certificateEntryAt + 4)
  return Buffer.concat([body, signature])
}

describe('a Windows program', () => {
  test('loses its signature and what points to it, and nothing else', () => {
    const signed = program(Buffer.from('signature'))
    const unsigned = withoutSignature(signed)
    expect(unsigned.length).toBe(0x200)
    const expected = Buffer.from(signed.subarray(0, 0x200))
    expected.fill(0, certificateEntryAt, certificateEntryAt + 8)
    expect(unsigned.equals(expected)).toBe(true)
    expect(signed.subarray(0x200).toString()).toBe('signature')
  })

  test('without a signature stays what it is', () => {
    const unsigned = program(Buffer.alloc(0))
    expect(withoutSignature(unsigned)).toBe(unsigned)
  })

  test('whose signature is followed by something is not cut', () => {
    const odd = program(Buffer.from('signature'), { signedSize: 4 })
    expect(() => withoutSignature(odd)).toThrow('not at the end')
  })

  test.each([
    ['a program of 32 bits', program(Buffer.alloc(0), { magic: 0x10b })],
    ['a program of Linux', Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(0x200)])],
  ])('is not what %s is taken for', (_, other) => {
    expect(() => withoutSignature(other)).toThrow('not a 64-bit Windows program')
  })
})
