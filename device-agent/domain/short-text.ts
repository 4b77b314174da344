/** The longest beginning of a text that takes at most so many bytes as JSON: a twin is metered by them. */
export function shortText(text: string, mostBytes: number): string {
  const bytes = (length: number) => Buffer.byteLength(JSON.stringify(text.slice(0, length).toWellFormed()))
  let [fits, tooLong] = [0, Math.min(text.length, mostBytes) + 1]
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1
    if (bytes(middle) <= mostBytes) fits = middle
    else tooLong = middle
  }
  return text.slice(0, fits).toWellFormed()
}
