import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addTwin, idsWhere } from '../testing/ask-hub.ts'
import { newHub } from '../testing/new-hub.ts'

type Value = string | number | boolean | Readonly<Record<string, unknown>> | undefined
type Tags = Readonly<Record<string, Value>>
/** What a condition says of a device: yes, no, or that it cannot say. */
type Answer = 'yes' | 'no' | 'unknown'

/** A piece of query text beside a naive reading of it. */
interface Piece<Result> {
  readonly text: string
  readonly read: (tags: Tags) => Result
}

const names = ['a', 'b', 'c', 'group', 'x-y']
const texts = ['', 'x', 'xy', "it's", '"', '\\', 'é']

const scalar = fc.oneof(fc.constantFrom(...texts), fc.integer({ min: -2, max: 3 }), fc.boolean())
const tagsOf = fc.dictionary(
  fc.constantFrom(...names),
  fc.oneof({ weight: 5, arbitrary: scalar }, { weight: 1, arbitrary: fc.constant({ x: 1 }) }),
)

const literal: fc.Arbitrary<Piece<Value>> = scalar.map((value) => ({
  text: written(value),
  read: () => value,
}))
const tag: fc.Arbitrary<Piece<Value>> = fc
  .constantFrom(...names)
  .map((name) => ({ text: `tags.[[${name}]]`, read: (tags) => tags[name] }))

const operand: fc.Arbitrary<Piece<Value>> = fc.letrec<{ operand: Piece<Value> }>((tie) => ({
  operand: fc.oneof(
    { maxDepth: 3 },
    tag,
    literal,
    fc.tuple(tie('operand'), fc.constantFrom('+', '-', '*', '%'), tie('operand')).map(arithmetic),
    fc.tuple(fc.constantFrom('LENGTH', 'LOWER', 'ABS'), tie('operand')).map(call),
  ),
})).operand

const condition: fc.Arbitrary<Piece<Answer>> = fc.letrec<{ condition: Piece<Answer> }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(operand, fc.constantFrom('=', '!=', '<>', '<', '<=', '>', '>='), operand).map(comparison),
    fc
      .tuple(operand, fc.constantFrom('IN', 'NIN'), fc.array(scalar, { minLength: 1, maxLength: 3 }))
      .map(membership),
    fc.tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition')).map(connective),
    tie('condition').map(({ text, read }) => ({
      text: `NOT (${text})`,
      read: (tags: Tags) => opposite(read(tags)),
    })),
    tag.map(({ text, read }) => ({
      text: `IS_DEFINED(${text})`,
      read: (tags: Tags) => answer(read(tags) !== undefined),
    })),
  ),
})).condition

test('any condition finds what a naive reading of it finds', () => {
  fc.assert(
    fc.property(condition, fc.array(tagsOf, { minLength: 1, maxLength: 8 }), ({ text, read }, devices) => {
      const hub = newHub()
      for (const [index, tags] of devices.entries()) addTwin(hub, `d${index}`, { tags })
      const expected = devices.flatMap((tags, index) => (read(tags) === 'yes' ? [`d${index}`] : []))
      expect(idsWhere(hub, text)).toEqual(expected)
    }),
    { numRuns: 1500 },
  )
})

test('the generator reaches every answer', () => {
  const samples = fc.sample(fc.tuple(condition, tagsOf), { numRuns: 2000, seed: 1 })
  const answers = samples.map(([{ read }, tags]) => read(tags))
  for (const one of ['yes', 'no', 'unknown']) {
    expect(answers.filter((given) => given === one).length).toBeGreaterThan(100)
  }
})

function written(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

function arithmetic([left, operator, right]: [Piece<Value>, string, Piece<Value>]): Piece<Value> {
  return {
    text: `(${left.text} ${operator} ${right.text})`,
    read(tags) {
      const [one, other] = [left.read(tags), right.read(tags)]
      if (typeof one !== 'number' || typeof other !== 'number') return undefined
      const results: Readonly<Record<string, number>> = {
        '+': one + other,
        '-': one - other,
        '*': one * other,
        '%': one % other,
      }
      const result = results[operator]
      return Number.isNaN(result) ? undefined : result
    },
  }
}

function call([name, argument]: [string, Piece<Value>]): Piece<Value> {
  return {
    text: `${name}(${argument.text})`,
    read(tags) {
      const value = argument.read(tags)
      if (name === 'ABS') return typeof value === 'number' ? Math.abs(value) : undefined
      if (typeof value !== 'string') return undefined
      return name === 'LENGTH' ? value.length : value.toLowerCase()
    },
  }
}

function comparison([left, operator, right]: [Piece<Value>, string, Piece<Value>]): Piece<Answer> {
  return {
    text: `${left.text} ${operator} ${right.text}`,
    read: (tags) => compared(left.read(tags), operator, right.read(tags)),
  }
}

function compared(left: Value, operator: string, right: Value): Answer {
  if (left === undefined || typeof left === 'object' || typeof left !== typeof right) return 'unknown'
  if (['=', '!=', '<>'].includes(operator)) return answer((left === right) === (operator === '='))
  return typeof left === 'boolean' ? 'unknown' : answer(ordered(left, operator, right as typeof left))
}

function ordered<Of extends number | string>(left: Of, operator: string, right: Of): boolean {
  if (left === right) return operator.endsWith('=')
  return operator.startsWith(left < right ? '<' : '>')
}

function membership([left, word, values]: [
  Piece<Value>,
  string,
  (string | number | boolean)[],
]): Piece<Answer> {
  return {
    text: `${left.text} ${word} [${values.map(written).join(', ')}]`,
    read(tags) {
      const value = left.read(tags)
      const isIn = values
        .map((one) => compared(value, '=', one))
        .reduce((one, other) => connected(one, 'OR', other))
      return word === 'IN' ? isIn : opposite(isIn)
    },
  }
}

function connective([left, word, right]: [Piece<Answer>, string, Piece<Answer>]): Piece<Answer> {
  return {
    text: `(${left.text}) ${word} (${right.text})`,
    read: (tags) => connected(left.read(tags), word, right.read(tags)),
  }
}

function connected(left: Answer, word: string, right: Answer): Answer {
  const decisive = word === 'OR' ? 'yes' : 'no'
  if (left === decisive || right === decisive) return decisive
  return left === 'unknown' || right === 'unknown' ? 'unknown' : left
}

function opposite(given: Answer): Answer {
  if (given === 'unknown') return 'unknown'
  return given === 'yes' ? 'no' : 'yes'
}

function answer(isTrue: boolean): Answer {
  return isTrue ? 'yes' : 'no'
}
