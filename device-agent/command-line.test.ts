import { expect, test } from 'vitest'
import { readCommandLine, usage } from './command-line.ts'
import { settingKinds } from './setting-values.ts'

test.each(['run', 'status', 'check'] as const)('%s alone sets nothing', (kind) => {
  expect(readCommandLine([kind])).toEqual({ kind, settings: {}, configurationFile: undefined })
})

test('run takes each setting, and another configuration file', () => {
  const parameters =
    'run --connection-string-file c --state-dir s --ca a --update-lock u --helper-socket h' +
    ' --simulate --simulate-down 2.5 --reboot-patience 9 --config f'
  expect(readCommandLine(parameters.split(' '))).toEqual({
    kind: 'run',
    settings: {
      'connection-string-file': 'c',
      'state-dir': 's',
      ca: 'a',
      'update-lock': 'u',
      'helper-socket': 'h',
      simulate: 'yes',
      'simulate-down': '2.5',
      'reboot-patience': '9',
    },
    configurationFile: 'f',
  })
})

test('provision takes the key of a group, which is no setting', () => {
  const parameters = ['provision', '--dps-group-key-file', '/g', '--dps-registration-id', 'pump']
  expect(readCommandLine(parameters)).toEqual({
    kind: 'provision',
    settings: { 'dps-registration-id': 'pump' },
    configurationFile: undefined,
    groupKeyFile: '/g',
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
  [['run', '--no-such'], 'there is no option --no-such'],
  [['run', '--simulat'], 'there is no option --simulat; did you mean --simulate?'],
  [['run', '--stat-dir=/x'], 'there is no option --stat-dir; did you mean --state-dir?'],
  [['run', '--state-dir'], '--state-dir'],
  [['run', '--ca', ''], '--ca must name a file'],
  [['run', '--simulate', '--simulate-down', 'soon'], '--simulate-down must be a number of seconds'],
  [['run', '--reboot-patience=-1'], '--reboot-patience must be a number of seconds'],
  [['run', '--connection-string', 'HostName=h'], 'put it into a file, and give --connection-string-file'],
  [['provision', '--connection-string=HostName=h'], 'can be read by every user of this machine'],
  [['provision'], 'provision needs one of --connection-string-file'],
  [['provision', '--dps-key-file', '/a', '--dps-group-key-file', '/b'], 'provision needs one of'],
  [['provision', '--certificate', '/a'], '--certificate needs --certificate-key'],
  [['run', '--proxy', 'http://me:secret@proxy'], '--proxy must hold no password'],
])('%j is wrong, and the problem is named', (parameters, named) => {
  const command = readCommandLine(parameters)
  expect(command).toMatchObject({ kind: 'wrong', problem: expect.stringContaining(named) as string })
})

test('a connection string that was given on the command line is not repeated', () => {
  const said = JSON.stringify(
    readCommandLine(['run', '--connection-string=HostName=h;SharedAccessKey=c2VjcmV0']),
  )
  expect(said).not.toContain('c2VjcmV0')
})

test('the usage names every setting and every command', () => {
  for (const name of Object.keys(settingKinds)) expect(usage).toContain(`  --${name} `)
  for (const name of ['run', 'status', 'check', 'provision'])
    expect(usage).toMatch(new RegExp(`^  ${name} `, 'm'))
})
