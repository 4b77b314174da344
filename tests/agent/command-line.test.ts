import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentVersion } from '../../device-agent/version.ts'
import { runProgram } from './support/agent-process.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-program-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

test('the program tells its version and how it is used', async () => {
  expect(await runProgram(['--version'])).toEqual({ code: 0, output: `${agentVersion}\n`, problems: '' })
  const { code, output } = await runProgram(['--help'])
  expect(code).toBe(0)
  expect(output).toContain('--connection-string-file')
})

test('a wrong command line ends with 2, and two lines that nobody has to scroll for', async () => {
  const { code, problems } = await runProgram(['run', '--no-such'])
  expect(code).toBe(2)
  expect(problems).toBe('drover-agent: there is no option --no-such\nTry drover-agent --help\n')
})

test('a configuration that was named and is not there ends with 2: no new start would mend it', async () => {
  const { code, problems } = await runProgram(['run', '--config', join(folder, 'absent.conf')])
  expect(code).toBe(2)
  expect(problems).toMatch(/^drover-agent: the configuration cannot be read: .*absent\.conf/)
})

test('no connection string ends with 1 and says where one is expected', async () => {
  const { code, problems } = await runProgram(['run', '--state-dir', folder])
  expect(code).toBe(1)
  expect(problems).toContain('--connection-string-file')
})

test('a connection string that lacks a part ends with 1, and names the part and not the key', async () => {
  const file = join(folder, 'connection-string')
  await writeFile(file, 'HostName=hub.example;SharedAccessKey=c2VjcmV0\n')
  const parameters = ['run', '--state-dir', folder, '--connection-string-file', file]
  const { code, problems } = await runProgram(parameters)
  expect(code).toBe(1)
  expect(problems).toContain('DeviceId')
  expect(problems).not.toContain('c2VjcmV0')
})

test('a file that is not there ends with 1 and is named', async () => {
  const file = join(folder, 'absent')
  const { code, problems } = await runProgram([
    'run',
    '--state-dir',
    folder,
    '--connection-string-file',
    file,
  ])
  expect(code).toBe(1)
  expect(problems).toContain(file)
})
