/** What is looked through: what is written on it, and its name in English. */
interface Findable {
  readonly id: string
  readonly label: string
}

/** Those in which each typed word is found, in whatever order; all of them while nothing is typed. */
export function findCommands<T extends Findable>(commands: readonly T[], typed: string): readonly T[] {
  const words = plain(typed).split(/\s+/).filter(Boolean)
  return commands.filter(({ id, label }) => {
    const text = plain(`${label} ${id}`)
    return words.every((word) => text.includes(word))
  })
}

/** Hangul that is being typed and Hangul that is written are the same once they are composed. */
function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}
