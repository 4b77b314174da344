import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { describe, expect, test } from 'vitest'
import { ruleNames, rules } from './rules.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const fixture = fileURLToPath(new URL('fixture', import.meta.url))
const folders = ['contract', 'core', 'electron', 'preview', 'renderer', 'device-agent', 'local-hub', 'build']

async function look(baseDir: string, among: readonly string[]): Promise<ICruiseResult> {
  const { output } = await cruise([...among], {
    baseDir,
    ruleSet: { forbidden: [...rules] },
    validate: true,
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.vue', '.mjs', '.cjs', '.json'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  })
  if (typeof output === 'string') throw new Error(output)
  return output
}

const described = ({ summary }: ICruiseResult): string[] =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)

describe('the layers', () => {
  test('import only what they may', async () => {
    const result = await look(repository, folders)
    expect(described(result)).toEqual([])
    expect(result.summary.totalCruised).toBeGreaterThan(200)
    expect(result.modules.filter(({ source }) => source.endsWith('.vue')).length).toBeGreaterThan(10)
  })

  test('are seen through: a planted violation of each rule is reported', async () => {
    const { summary } = await look(fixture, ['.'])
    expect(new Set(summary.violations.map(({ rule }) => rule.name))).toEqual(new Set(ruleNames))
  })
})
