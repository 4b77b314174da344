import { expect, test } from 'vitest'
import { readCommandLine, usage } from './command-line.ts'

test('run alone takes the defaults', () => {
  expect(readCommandLine(['run'])).toEqual({
    kind: 'run',
    connectionStringFile: undefined,
    stateFolder: '/var/lib/drover-agent',
    caFile: undefined,
    simulatedDownMs: undefined,
    rebootPatienceMs: undefined,
  })
})

test('run takes each of its options', () => {
  const parameters =
    'run --connection-string-file c --state-dir s --ca a --simulate --simulate-down 2.5 --reboot-patience 9'
  expect(readCommandLine(parameters.split(' '))).toEqual({
    kind: 'run',
    connectionStringFile: 'c',
    stateFolder: 's',
    caFile: 'a',
    simulatedDownMs: 2_500,
    rebootPatienceMs: 9_000,
  })
})

test('help and version need no command', () => {
  expect(readCommandLine(['--help']).kind).toBe('help')
  expect(readCommandLine(['--version']).kind).toBe('version')
})

test.each([
  [[], 'no command'],
  [['fly'], 'unknown command: fly'],
  [['run', 'away'], 'unknown command: run away'],
  [['run', '--no-such'], '--no-such'],
  [['run', '--state-dir'], '--state-dir'],
  [['run', '--simulate', '--simulate-down', 'soon'], '--simulate-down must be a number of seconds'],
  [['run', '--reboot-patience', '-1'], '--reboot-patience'],
  [['run', '--connection-string', 'HostName=h'], '--connection-string'],
])('%j is wrong, and the problem is named', (parameters, named) => {
  const command = readCommandLine(parameters)
  expect(command).toMatchObject({ kind: 'wrong', problem: expect.stringContaining(named) as string })
})

test('the usage names every option that is understood', () => {
  for (const option of [
    'connection-string-file',
    'state-dir',
    'ca',
    'reboot-patience',
    'simulate',
    'simulate-down',
  ]) {
    expect(usage).toContain(`--${option}`)
  }
})
