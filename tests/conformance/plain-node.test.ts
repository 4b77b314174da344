import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { projectFolder } from '../../build/run-program.ts'

/** What a bench has of the tests, by their paths from the project's folder. */
const shared = globSync('bench/*.ts', { cwd: projectFolder })
  .flatMap((bench) => [
    ...readFileSync(path.join(projectFolder, bench), 'utf8').matchAll(/'\.\.\/(tests\/[^']+)'/g),
  ])
  .map(([, file = '']) => file)

test.each([...new Set(shared)])('%s loads in plain Node too, which runs the benches', async (file) => {
  // Vitest finds every name in a CommonJS package; Node only those that it can tell without running it.
  const load = ['--input-type=module', '--eval', `await import('./${file}'); console.log('loaded')`]
  const { stdout } = await promisify(execFile)(process.execPath, load, { cwd: projectFolder })
  expect(stdout).toBe('loaded\n')
})
