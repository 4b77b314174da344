import { isAbsolute } from 'node:path'
import { nearest } from './domain/nearest.ts'
import {
  isSettingName,
  problemOfSetting,
  settingKinds,
  type SettingName,
  type Settings,
} from './setting-values.ts'

export interface ConfigurationMistake {
  /** From 1. */
  readonly line: number
  /** Quotes no value: someone may have pasted a key into the wrong file. */
  readonly problem: string
}

export interface Configuration {
  readonly settings: Settings
  /** The line of each setting, from 1. */
  readonly lines: ReadonlyMap<SettingName, number>
  /** All of them, in the order of their lines. */
  readonly mistakes: readonly ConfigurationMistake[]
}

type Entry = { readonly name: SettingName; readonly value: string } | { readonly problem: string } | undefined

/**
 * Reads `name = value` lines. `#` begins a comment, on a line of its own or after a space; the names are those of the
 * command line.
 */
export function readConfiguration(text: string): Configuration {
  const found = new Map<SettingName, { readonly value: string; readonly line: number }>()
  const mistakes: ConfigurationMistake[] = []
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = index + 1
    const entry = readLine(content)
    if (entry === undefined) continue
    const earlier = 'name' in entry ? found.get(entry.name) : undefined
    if ('problem' in entry) mistakes.push({ line, problem: entry.problem })
    else if (earlier !== undefined)
      mistakes.push({ line, problem: `${entry.name} is already set in line ${earlier.line}` })
    else found.set(entry.name, { value: entry.value, line })
  }
  const entries = [...found]
  return {
    settings: Object.fromEntries(entries.map(([name, { value }]) => [name, value])),
    lines: new Map(entries.map(([name, { line }]) => [name, line])),
    mistakes,
  }
}

/** One line for each mistake, as compilers print theirs. */
export function describeMistakes(file: string, mistakes: readonly ConfigurationMistake[]): string {
  return mistakes.map(({ line, problem }) => `${file}:${line}: ${problem}`).join('\n')
}

function readLine(content: string): Entry {
  const text = content.replace(/(^|\s)#.*$/, '').trim()
  if (text === '') return undefined
  const middle = text.indexOf('=')
  if (middle < 0) return { problem: 'expected "name = value", or a comment that begins with #' }
  const name = text.slice(0, middle).trim()
  const value = text.slice(middle + 1).trim()
  if (!isSettingName(name)) return { problem: unknownName(name) }
  const problem = problemOfSetting(name, value) ?? problemOfPath(name, value)
  return problem === undefined ? { name, value } : { problem: `${name} ${problem}` }
}

function unknownName(name: string): string {
  if (/^(connection-?string|hostname|sharedaccesskey)$/i.test(name))
    return 'a connection string does not belong in this file, which everyone may read: use drover-agent provision'
  const meant = nearest(name, Object.keys(settingKinds))
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return `there is no setting ${JSON.stringify(name.slice(0, 40))}${hint}`
}

/** A service has no folder of its own that a relative path could mean. */
function problemOfPath(name: SettingName, value: string): string | undefined {
  return settingKinds[name] === 'path' && !isAbsolute(value)
    ? 'must be an absolute path, such as /etc/drover-agent/ca.pem'
    : undefined
}
