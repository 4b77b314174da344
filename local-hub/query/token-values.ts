import type { IToken } from 'chevrotain'
import { refusedSyntax, syntaxError } from './query-error.ts'
import { functionArity } from './syntax.ts'
import type { FunctionName, Operator, Path } from './syntax.ts'

/** What a twin has at its top. Names of the service ignore case, as on IoT Hub; those of the user do not. */
const roots: ReadonlyMap<string, string> = new Map(
  [
    'deviceId',
    'etag',
    'deviceEtag',
    'status',
    'statusReason',
    'statusUpdateTime',
    'connectionState',
    'lastActivityTime',
    'cloudToDeviceMessageCount',
    'authenticationType',
    'x509Thumbprint',
    'modelId',
    'version',
    'tags',
    'properties',
    'capabilities',
  ].map((name) => [name.toLowerCase(), name]),
)

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
])

/** `''` and `\'` inside single quotes, `""` and `\"` inside double quotes, `\u0041` in both. */
export function stringValue({ image }: IToken): string {
  const quote = image.charAt(0)
  return image
    .slice(1, -1)
    .replaceAll(/\\u([0-9a-fA-F]{4})|\\([^])|(''|"")/g, (match, unicode?: string, escaped?: string) => {
      if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16))
      if (escaped !== undefined) return escapes.get(escaped) ?? escaped
      return match === quote + quote ? quote : match
    })
}

export function numberValue({ image }: IToken): number {
  return Number(image)
}

export function bracketedText({ image }: IToken): string {
  return image.slice(2, -2)
}

export function operatorOf({ image }: IToken): Operator {
  return image === '<>' ? '!=' : (image as Operator)
}

/** Throws when the query is about something else than devices. */
export function assertSource({ segments, offset }: { segments: readonly string[]; offset: number }): void {
  const source = segments.join('.')
  if (source !== 'devices') throw refusedSyntax(`FROM ${source}`, offset)
}

export function pathOf(root: IToken, segments: readonly string[]): Path {
  const name = roots.get(root.image.toLowerCase())
  if (name === undefined) throw syntaxError(`'${root.image}' is not a property of a twin`, root.startOffset)
  return { kind: 'path', segments: [name, ...segments] }
}

export function functionNamed(token: IToken, operandCount: number): FunctionName {
  const name = token.image.toUpperCase()
  if (!isFunctionName(name)) throw refusedSyntax(`the function ${name}`, token.startOffset)
  if (functionArity[name] !== operandCount) {
    throw syntaxError(`${name} takes ${functionArity[name]} operand(s)`, token.startOffset)
  }
  return name
}

function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(functionArity, name)
}
