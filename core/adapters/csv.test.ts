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

const dangerous = ['=', '+', '-', '@', '\t', '\r', '\uFF1D', '\uFF0B', '\uFF0D', '\uFF20']

describe('a row of CSV', () => {
  test.each(dangerous)('is no formula where a cell begins with %j', (start) => {
    const [cell = ''] = readRow(writeCsvRow([`${start}cmd|' /C calc'!A0`, 'x']))
    expect(cell).toBe(`'${start}cmd|' /C calc'!A0`)
  })

  test('keeps quotes, commas and line ends of hostile names', () => {
    const names = ['a"b', 'a,b', 'a\r\nb', 'a\nb', ' a ', '장치 1', '']
    expect(readRow(writeCsvRow(names))).toEqual(names)
  })

  test('reads back as what was written, whatever it was', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { minLength: 2, maxLength: 6 }),
        (cells) => {
          const read = readRow(writeCsvRow(cells))
          expect(
            read.map((cell, index) => (dangerous.includes(cells[index]?.[0] ?? '') ? cell.slice(1) : cell)),
          ).toEqual(cells)
          expect(read.some((cell) => dangerous.includes(cell[0] ?? ''))).toBe(false)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})
