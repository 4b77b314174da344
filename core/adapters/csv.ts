import { stringify } from 'csv-stringify/sync'
import type { WriteCsvRow } from '../ports/table-writer.ts'

/**
 * RFC 4180. A cell that begins like a formula (`=`, `+`, `-`, `@`, tab, carriage return, or their full-width forms)
 * gets an apostrophe before it: OWASP ASVS 5, 1.2.10.
 */
export const writeCsvRow: WriteCsvRow = (cells) =>
  stringify([[...cells]], { record_delimiter: '\r\n', escape_formulas: true, quoted: true })
