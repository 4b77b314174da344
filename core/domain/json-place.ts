import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import type { z } from 'zod'
import { AppError } from '../../contract/errors.ts'

interface ReadFile {
  readonly name: string
  readonly text: string
}

/** Reads a JSON file that a person wrote. Errors: `invalid-input` that names the line of the first mistake, and what is wrong there. */
export function readJsonFile<Schema extends z.ZodType>(schema: Schema, file: ReadFile): z.output<Schema> {
  const tree = parse(file)
  const read = schema.safeParse(JSON.parse(file.text))
  if (read.success) return read.data
  const { path, message } = read.error.issues[0] ?? { path: [], message: 'it is not as expected' }
  const keys = path.map((key) => (typeof key === 'symbol' ? String(key) : key))
  const offset = nearest(keys, (some) => findNodeAtLocation(tree, some))?.offset ?? 0
  throw wrong(file, offset, keys.length === 0 ? message : `${keys.join('.')}: ${message}`)
}

function parse(file: ReadFile): Node {
  const mistakes: ParseError[] = []
  const tree = parseTree(file.text, mistakes, { disallowComments: true, allowTrailingComma: false })
  const [mistake] = mistakes
  if (mistake)
    throw wrong(file, mistake.offset, `it is not JSON here (${printParseErrorCode(mistake.error)})`)
  if (!tree) throw wrong(file, 0, 'it is empty')
  return tree
}

/** A key that is missing has no place of its own: what it is missing from has. */
function nearest<T>(
  path: readonly (string | number)[],
  find: (path: (string | number)[]) => T | undefined,
): T | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const found = find(path.slice(0, length))
    if (found) return found
  }
  return undefined
}

function wrong({ name, text }: ReadFile, offset: number, what: string): AppError {
  const line = text.slice(0, offset).split('\n').length
  return new AppError('invalid-input', `Line ${line} of ${name}: ${what}`.slice(0, 500), {
    nextStep: 'Correct the file, then open it again. Nothing was taken from it.',
  })
}
