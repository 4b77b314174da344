/** The cells of a line that ends with CR LF, as a spreadsheet reads them: RFC 4180, nothing more. */
export function readCsvRow(line: string): string[] {
  if (!line.endsWith('\r\n')) throw new Error(`This line of CSV does not end: ${line.slice(-40)}`)
  const cells: string[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy
  for (let found = cell.exec(line); found; found = cell.exec(line)) {
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
  }
  return cells
}
