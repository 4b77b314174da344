import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

/** A project of its own around the real run.mjs, with an npm that only notes what it was asked. */
let project: string

const lock = {
  packages: {
    '': { name: 'x' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b-win32': { version: '2.0.0', optional: true },
  },
}

beforeEach(() => {
  project = mkdtempSync(path.join(os.tmpdir(), 'drover-run-'))
  mkdirSync(path.join(project, 'build'))
  copyFileSync(path.join(import.meta.dirname, 'run.mjs'), path.join(project, 'build/run.mjs'))
  writeFileSync(path.join(project, 'package.json'), '{"type":"module"}')
  writeFileSync(path.join(project, 'package-lock.json'), JSON.stringify(lock))
  writeFileSync(
    path.join(project, 'npm-cli.js'),
    `import fs from 'node:fs'; fs.writeFileSync('asked', process.argv.slice(2).join(' '))`,
  )
})

afterEach(() => rmSync(project, { recursive: true }))

function install(packages: object): void {
  mkdirSync(path.join(project, 'node_modules'), { recursive: true })
  writeFileSync(path.join(project, 'node_modules/.package-lock.json'), JSON.stringify({ packages }))
}

function script(name: string, source: string): void {
  writeFileSync(path.join(project, 'build', `${name}.ts`), source)
}

const env = (): NodeJS.ProcessEnv => ({ ...process.env, npm_execpath: path.join(project, 'npm-cli.js') })

function run(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [path.join(project, 'build/run.mjs'), ...words], {
    encoding: 'utf8',
    env: env(),
  })
}

function hasAskedNpm(): boolean {
  return existsSync(path.join(project, 'asked'))
}

describe('before a script is run', () => {
  beforeEach(() => script('hello', 'console.log("hello")'))

  test('what is missing is installed, and that is said', () => {
    const { stdout } = run('hello')
    expect(stdout).toBe(
      'Installing what package-lock.json lists (npm ci). This takes a minute, once.\nhello\n',
    )
    expect(hasAskedNpm()).toBe(true)
  })

  test('nothing is installed when all is there but an optional package of another system', () => {
    install({ 'node_modules/a': { version: '1.0.0' } })
    expect(run('hello').stdout).toBe('hello\n')
    expect(hasAskedNpm()).toBe(false)
  })

  test.each([
    ['a package has another version', { 'node_modules/a': { version: '1.0.1' } }],
    ['a package is missing', {}],
    [
      'an optional package has another version',
      { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b-win32': { version: '1.9.0' } },
    ],
  ])('all is installed anew when %s', (_name, packages) => {
    install(packages)
    expect(run('hello').status).toBe(0)
    expect(hasAskedNpm()).toBe(true)
  })

  test('a failure of npm ends it', () => {
    writeFileSync(path.join(project, 'npm-cli.js'), 'process.exit(1)')
    const { status, stdout, stderr } = run('hello')
    expect(status).toBe(1)
    expect(stdout).not.toContain('hello')
    expect(stderr).toContain('npm ci failed')
  })
})

describe('a script', () => {
  beforeEach(() => install(lock.packages))

  test('gets the arguments, and its exit code is passed on', () => {
    script(
      'echo',
      'const words: string[] = process.argv.slice(2); console.log(words.join()); process.exit(7)',
    )
    expect(run('echo', '--a', 'b c')).toMatchObject({ status: 7, stdout: '--a,b c\n' })
  })

  test.each(['nothing', '', '../run', 'a/b'])('that does not exist is an error: %j', (name) => {
    const { status, stderr } = run(name)
    expect(status).toBe(1)
    expect(stderr).toBe(`There is no script "${name}".\n`)
  })

  test('that is ended by a signal ends with its number', () => {
    script('die', `process.kill(process.pid, 'SIGKILL')`)
    expect(run('die').status).toBe(128 + os.constants.signals.SIGKILL)
  })

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('gets %s', async (signal) => {
    script(
      'wait',
      `process.on('${signal}', () => process.exit(5)); setInterval(() => {}, 1000); console.log('waiting')`,
    )
    const child = spawn(process.execPath, [path.join(project, 'build/run.mjs'), 'wait'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: env(),
    })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    child.kill(signal)
    expect(await ended).toEqual([5, null])
  })
})
