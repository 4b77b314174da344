import { stringify } from 'csv-stringify/sync'
import type { WriteCsvRow } from '../ports/table-writer.ts'

/**
 * What a formula begins with (OWASP ASVS 5, 1.2.10, and OWASP's page on CSV injection), at the start of a cell or where a
 * spreadsheet that takes another separator would see one: Excel splits at semicolons in half of Europe, and then a quote in
 * the middle of a cell protects nothing.
 */
const formulaStart =
  /^(?=[=+\-@\t\r\n\0\uFF1D\uFF0B\uFF0D\uFF20])|(?<=[;\t\r\n|])(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g

/** RFC 4180. An apostrophe makes text of what would be a formula. */
export const writeCsvRow: WriteCsvRow = (cells) =>
  stringify([cells.map((cell) => cell.replace(formulaStart, "'"))], {
    record_delimiter: '\r\n',
    quoted: true,
  })
