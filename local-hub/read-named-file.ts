import { readFile } from 'node:fs/promises'

/** What the codes of the operating system mean to whoever named the file. */
const reasons = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'this is a folder'],
  ['EACCES', 'it may not be read'],
])

/** The text of a file that a person named. Throws RangeError that names it, and says why it cannot be read. */
export async function readNamedFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException
    throw new RangeError(`${file}: ${reasons.get(code) ?? message}`, { cause })
  }
}

/** What `parse` makes of it. Throws RangeError that names the file, and what `parse` says. */
export async function parseNamedFile<Value>(file: string, parse: (text: string) => Value): Promise<Value> {
  const text = await readNamedFile(file)
  try {
    return parse(text)
  } catch (cause) {
    throw new RangeError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
