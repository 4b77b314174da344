/** One row of a table as a line of CSV with its end; what a spreadsheet would take for a formula stays text. */
export type WriteCsvRow = (cells: readonly string[]) => string
