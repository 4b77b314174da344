/** A line of one text or of both. */
export interface DiffLine {
  readonly kind: 'same' | 'left' | 'right'
  readonly text: string
}

/** Beyond this many pairs of lines the texts are told apart line by line: nobody reads such a difference anyway. */
const mostPairs = 4_000_000

/** What has to be taken out of the left text (`left`) and put in (`right`) to make it the right one. */
export function diffLines(left: string, right: string): readonly DiffLine[] {
  const a = left.split('\n')
  const b = right.split('\n')
  const start = commonStart(a, b)
  const end = commonEnd(a, b, start)
  const middle = diffMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end))
  return [...same(a.slice(0, start)), ...middle, ...same(a.slice(a.length - end))]
}

function diffMiddle(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  if (a.length * b.length > mostPairs)
    return [...a.map((text) => ({ kind: 'left' as const, text })), ...added(b)]
  return walk(a, b, commonLengths(a, b))
}

/** How long the longest common subsequence of what follows each pair of lines is. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint16Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) {
    const row = lengths[i] ?? new Uint16Array()
    const below = lengths[i + 1] ?? new Uint16Array()
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return lengths
}

function walk(a: readonly string[], b: readonly string[], lengths: readonly Uint16Array[]): DiffLine[] {
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const kind = a[i] === b[j] ? 'same' : shorterSide(lengths, i, j)
    lines.push({ kind, text: (kind === 'right' ? b[j] : a[i]) ?? '' })
    if (kind !== 'right') i++
    if (kind !== 'left') j++
  }
  return [...lines, ...a.slice(i).map((text) => ({ kind: 'left' as const, text })), ...added(b.slice(j))]
}

/** From which side a line is taken so that the most remains in common. */
function shorterSide(lengths: readonly Uint16Array[], i: number, j: number): 'left' | 'right' {
  return (lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0) ? 'left' : 'right'
}

function same(texts: readonly string[]): DiffLine[] {
  return texts.map((text) => ({ kind: 'same', text }))
}

function added(texts: readonly string[]): DiffLine[] {
  return texts.map((text) => ({ kind: 'right', text }))
}

function commonStart(a: readonly string[], b: readonly string[]): number {
  let count = 0
  while (count < Math.min(a.length, b.length) && a[count] === b[count]) count++
  return count
}

function commonEnd(a: readonly string[], b: readonly string[], start: number): number {
  const most = Math.min(a.length, b.length) - start
  let count = 0
  while (count < most && a[a.length - 1 - count] === b[b.length - 1 - count]) count++
  return count
}
