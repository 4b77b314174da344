import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { agentVersion } from './version.ts'

test('the agent has the version of the project', async () => {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8')
  expect(agentVersion).toBe((JSON.parse(text) as { version: string }).version)
})
