import { findNodeAtLocation, parseTree, type Node, type ParseError } from 'jsonc-parser'
import type { z } from 'zod'
import type { AppError } from '../../contract/errors.ts'
import { fault } from '../../contract/faults.ts'
import { placeAt } from './json.ts'

interface ReadFile {
  readonly name: string
  readonly text: string
}

type Keys = (string | number)[]
type Issue = z.core.$ZodIssue

/** Reads a JSON file that a person wrote. Errors: `invalid-input` that names the line of the first mistake, and what is wrong there. */
export function readJsonFile<Schema extends z.ZodType>(schema: Schema, file: ReadFile): z.output<Schema> {
  const tree = parse(file)
  const value: unknown = JSON.parse(file.text)
  const read = schema.safeParse(value)
  if (read.success) {
    const unknown = unknownKey(value, read.data, [])
    if (unknown) throw fault('file-key-unknown', placeOf(unknown, tree, file))
    return read.data
  }
  const [issue] = read.error.issues
  if (!issue) throw read.error
  throw mistake(issue, tree, file)
}

function parse(file: ReadFile): Node {
  const mistakes: ParseError[] = []
  const tree = parseTree(file.text, mistakes, { disallowComments: true, allowTrailingComma: false })
  if (file.text.trim() === '') throw fault('file-empty', { line: 1, file: file.name })
  const [first] = mistakes
  if (tree && !first) return tree
  throw fault('file-not-json', { ...placeAt(file.text, first?.offset ?? 0), file: file.name })
}

function mistake(issue: Issue, tree: Node, file: ReadFile): AppError {
  const keys = [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])].map(
    (key) => (typeof key === 'symbol' ? String(key) : key),
  )
  const place = placeOf(keys, tree, file)
  if (issue.code !== 'unrecognized_keys' && !findNodeAtLocation(tree, keys))
    return fault('file-value-missing', place)
  return wrongValue(issue, place)
}

/** What the schema did not take over at any depth: a word that is misspelt would otherwise just not count. */
function unknownKey(value: unknown, taken: unknown, path: Keys): Keys | undefined {
  if (!isCollection(value) || !isCollection(taken)) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, Array.isArray(value) ? Number(key) : key]
    if (!Object.hasOwn(taken, key)) return here
    const deeper = unknownKey(inner, taken[key], here)
    if (deeper) return deeper
  }
  return undefined
}

function isCollection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function placeOf(keys: Keys, tree: Node, file: ReadFile): Place {
  const line = lineAt(file, nearest(keys, tree).offset)
  return { line, file: file.name, place: keys.length === 0 ? '$' : keys.join('.') }
}

interface Place {
  readonly line: number
  readonly file: string
  readonly place: string
}

function wrongValue(issue: Issue, place: Place): AppError {
  switch (issue.code) {
    case 'unrecognized_keys':
      return fault('file-key-unknown', place)
    case 'invalid_type':
      return fault('file-value-type', { ...place, expected: issue.expected })
    case 'invalid_value':
      return fault('file-value-choice', { ...place, expected: alternatives(issue.values) })
    case 'invalid_union':
      return wrongAlternative(issue, place)
    case 'too_big':
    case 'too_small':
      return wrongSize(issue, place)
    default:
      return fault('file-value-form', place)
  }
}

/** Zod names the alternatives where one key tells them apart. */
function wrongAlternative(issue: Issue, place: Place): AppError {
  return 'options' in issue && Array.isArray(issue.options)
    ? fault('file-value-choice', { ...place, expected: alternatives(issue.options) })
    : fault('file-value-form', place)
}

function wrongSize(issue: Extract<Issue, { code: 'too_big' | 'too_small' }>, place: Place): AppError {
  const isNumber = issue.origin === 'number'
  if (issue.code === 'too_big')
    return fault(isNumber ? 'file-value-large' : 'file-value-long', { ...place, most: Number(issue.maximum) })
  return fault(isNumber ? 'file-value-small' : 'file-value-short', {
    ...place,
    least: Number(issue.minimum),
  })
}

function alternatives(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(' / ')
}

/** A key that is missing has no place of its own: what it is missing from has. */
function nearest(path: Keys, tree: Node): Node {
  for (let length = path.length; length > 0; length -= 1) {
    const found = findNodeAtLocation(tree, path.slice(0, length))
    if (found) return found
  }
  return tree
}

function lineAt({ text }: ReadFile, offset: number): number {
  return placeAt(text, offset).line
}
