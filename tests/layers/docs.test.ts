import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { diagram } from '../../core/domain/target.ts'
import { ruleNames } from './rules.ts'

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')

test('the architecture page shows the state table as it is', () => {
  expect(read('architecture.md')).toContain(diagram())
})

test('the rules that the architecture page names exist', () => {
  const named = [...read('architecture.md').matchAll(/`((?:[a-z]+-){2,}[a-z]+)`/g)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(3)
  for (const name of named) expect(ruleNames).toContain(name)
})

test('each dependency has its reason, with an exact version', () => {
  const page = read('dependencies.md')
  const dependencies = Object.entries({ ...packageJson.devDependencies, ...packageJson.optionalDependencies })
  for (const [name, version] of dependencies) {
    expect(page, name).toMatch(new RegExp(`(^\\| |, )${name.replace(/[/.]/g, '\\$&')}(,| +\\|)`, 'm'))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[a-z]+\.\d+)?$/)
  }
})

test('the page of the local hub says of each conformance test what of it runs against a live hub', () => {
  const folder = new URL('../conformance/', import.meta.url)
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts'))
  const [, table = ''] = read('local-hub.md').split('| against a live hub')
  const rows = table
    .split('\n')
    .slice(2)
    .map((row) => row.split('|').map((cell) => cell.trim()))
  for (const file of files) {
    const ofFile = rows.filter(([, names = '']) => names.includes(`\`${file.replace('.test.ts', '')}\``))
    expect(ofFile, file).toHaveLength(1)
    const isSkippedInPart = /\blocalTitle\(/.test(readFileSync(new URL(file, folder), 'utf8'))
    expect(ofFile[0]?.[3] !== '', file).toBe(isSkippedInPart)
  }
})
