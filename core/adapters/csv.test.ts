import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeCsvRow } from './csv.ts'

/** What a spreadsheet reads: RFC 4180, nothing more. */
function readRow(line: string): string[] {
  const cells: string[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy
  for (let found = cell.exec(line); found; found = cell.exec(line)) {
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
  }
  expect(line.slice(-2)).toBe('\r\n')
  return cells
}

const dangerous = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '\uFF1D', '\uFF0B', '\uFF0D', '\uFF20']

/** What a spreadsheet shows that takes any of these for a separator and knows nothing of quotes: the worst reader of all. */
function piecesOf(line: string): string[] {
  return line.split(/[;|\t\r\n]/)
}

describe('a row of CSV', () => {
  test.each(dangerous)('is no formula where a cell begins with %j', (start) => {
    const [cell = ''] = readRow(writeCsvRow([`${start}cmd|' /C calc'!A0`, 'x']))
    expect(cell).toBe(`'${start}cmd|' /C calc'!A0`)
  })

  test.each([';', '\t', '\n', '\r\n', '|'])(
    'is no formula where a spreadsheet takes %j for the end of a cell, either',
    (separator) => {
      const [cell = ''] = readRow(writeCsvRow([`a${separator}=HYPERLINK("http://x","y")`, 'x']))
      expect(cell.endsWith(`${separator}'=HYPERLINK("http://x","y")`)).toBe(true)
    },
  )

  test('keeps quotes, commas and line ends of hostile names', () => {
    const names = ['a"b', 'a,b', 'a\r\nb', 'a\nb', ' a ', 'a;b', '2026-11-23', '장치 1', '']
    expect(readRow(writeCsvRow(names))).toEqual(names)
  })

  test('reads back as what was written but for apostrophes, and has no formula in it, whatever it was', () => {
    const unit = fc.oneof(
      fc.constantFrom(...dangerous, ';', '|', '"', ',', 'a'),
      fc.string({ unit: 'grapheme', maxLength: 1 }),
    )
    fc.assert(
      fc.property(fc.array(fc.string({ unit, maxLength: 20 }), { minLength: 2, maxLength: 6 }), (cells) => {
        const line = writeCsvRow(cells)
        const read = readRow(line)
        const withoutMarks = (text: string): string => text.replaceAll("'", '')
        expect(read.map(withoutMarks)).toEqual(cells.map(withoutMarks))
        expect(read.some((cell) => dangerous.includes(cell[0] ?? ''))).toBe(false)
        expect(
          piecesOf(line.slice(0, -2)).some((piece) => /^[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/.test(piece)),
        ).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
})
