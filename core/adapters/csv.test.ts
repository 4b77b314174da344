import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCsvRow } from '../testing/read-csv-row.ts'
import { writeCsvRow } from './csv.ts'

const dangerous = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '\uFF1D', '\uFF0B', '\uFF0D', '\uFF20']

/** What a spreadsheet shows that takes any of these for a separator and knows nothing of quotes: the worst reader of all. */
function piecesOf(line: string): string[] {
  return line.split(/[;|\t\r\n]/)
}

describe('a row of CSV', () => {
  test.each(dangerous)('is no formula where a cell begins with %j', (start) => {
    const [cell = ''] = readCsvRow(writeCsvRow([`${start}cmd|' /C calc'!A0`, 'x']))
    expect(cell).toBe(`'${start}cmd|' /C calc'!A0`)
  })

  test.each([';', '\t', '\n', '\r\n', '|'])(
    'is no formula where a spreadsheet takes %j for the end of a cell, either',
    (separator) => {
      const [cell = ''] = readCsvRow(writeCsvRow([`a${separator}=HYPERLINK("http://x","y")`, 'x']))
      expect(cell.endsWith(`${separator}'=HYPERLINK("http://x","y")`)).toBe(true)
    },
  )

  test('keeps quotes, commas and line ends of hostile names', () => {
    const names = ['a"b', 'a,b', 'a\r\nb', 'a\nb', ' a ', 'a;b', '2026-11-23', '장치 1', '']
    expect(readCsvRow(writeCsvRow(names))).toEqual(names)
  })

  test('reads back as what was written but for apostrophes, and has no formula in it, whatever it was', () => {
    const unit = fc.oneof(
      fc.constantFrom(...dangerous, ';', '|', '"', ',', 'a'),
      fc.string({ unit: 'grapheme', maxLength: 1 }),
    )
    fc.assert(
      fc.property(fc.array(fc.string({ unit, maxLength: 20 }), { minLength: 2, maxLength: 6 }), (cells) => {
        const line = writeCsvRow(cells)
        const read = readCsvRow(line)
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
