/** More mistakes than this are no slip of the finger. */
const mostMistakes = 3

/** The name that somebody who wrote `word` probably meant. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .map((name) => ({ name, mistakes: mistakesBetween(word.toLowerCase(), name) }))
    .filter(({ name, mistakes }) => mistakes <= Math.min(mostMistakes, name.length / 2))
  return ranked.sort((a, b) => a.mistakes - b.mistakes)[0]?.name
}

/** Levenshtein's distance, a row at a time. */
function mistakesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let line = 1; line <= a.length; line += 1) {
    const next = [line]
    for (let column = 1; column <= b.length; column += 1) {
      const [above = 0, beside = 0] = [row[column], next[column - 1]]
      const same = (row[column - 1] ?? 0) + (a[line - 1] === b[column - 1] ? 0 : 1)
      next.push(Math.min(above + 1, beside + 1, same))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
