/** See https://learn.microsoft.com/windows/win32/debug/pe-format: where a PE32+ program says what and where things are. */
const offsets = { ofPeHeader: 0x3c, magic: 24, certificateTable: 24 + 112 + 4 * 8 } as const
const [peSignature, pe32Plus] = [0x0000_4550, 0x20b]

/**
 * Takes the signature out of a Windows program. What is put into a signed program breaks the signature, and a broken one
 * frightens more than none. Gives the program back as it is when it has none; throws when it is no 64-bit program.
 */
export function withoutSignature(program: Buffer): Buffer {
  const header = program.readUInt32LE(offsets.ofPeHeader)
  if (
    program.readUInt32LE(header) !== peSignature ||
    program.readUInt16LE(header + offsets.magic) !== pe32Plus
  )
    throw new Error('this is not a 64-bit Windows program')
  const entry = header + offsets.certificateTable
  const [start, size] = [program.readUInt32LE(entry), program.readUInt32LE(entry + 4)]
  if (size === 0) return program
  if (start + size !== program.length) throw new Error('the signature is not at the end of the program')
  const unsigned = Buffer.from(program.subarray(0, start))
  unsigned.fill(0, entry, entry + 8)
  return unsigned
}
