import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { describeMistakes, readConfiguration } from './configuration.ts'

describe('a configuration', () => {
  test('is lines of names and values among comments', () => {
    const text = [
      '# Where things are.',
      '',
      'state-dir = /data/drover',
      '  ca=/etc/ssl/own = strange.pem  ',
      'simulate = yes\r',
      'simulate-down = 0.5',
      '   # the end',
    ].join('\n')
    expect(readConfiguration(text)).toEqual({
      settings: {
        'state-dir': '/data/drover',
        ca: '/etc/ssl/own = strange.pem',
        simulate: 'yes',
        'simulate-down': '0.5',
      },
      lines: new Map([
        ['state-dir', 3],
        ['ca', 4],
        ['simulate', 5],
        ['simulate-down', 6],
      ]),
      mistakes: [],
    })
  })

  test('may have comments behind its values, and a # within them', () => {
    const text = 'reset-wipe = /data:/srv   # all of it\nreboot-patience = 60 # a minute\ndevice-id = pump#7#'
    expect(readConfiguration(text)).toMatchObject({
      settings: { 'reset-wipe': '/data:/srv', 'reboot-patience': '60', 'device-id': 'pump#7#' },
      mistakes: [],
    })
    expect(readConfiguration('device-id = # to be set').mistakes).toHaveLength(1)
  })

  test('has no mistake where the page for device owners shows one', () => {
    const page = readFileSync(new URL('../docs/agent.md', import.meta.url), 'utf8')
    const blocks = [...page.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, block = '']) => block)
    const shown = blocks.filter((block) => /^[a-z-]+ = /.test(block)).map(readConfiguration)
    expect(shown.length).toBeGreaterThanOrEqual(4)
    expect(shown.flatMap(({ mistakes }) => mistakes)).toEqual([])
    expect(Object.assign({}, ...shown.map(({ settings }) => settings))).toMatchObject({
      'reset-wipe': '/home/pi/data:/var/lib/app',
      'reset-command': '/usr/local/sbin/reset-app',
      'firmware-health-check': '/usr/local/bin/pump-is-well',
      'firmware-health-time': '300',
    })
  })

  test('may be empty', () => {
    expect(readConfiguration('')).toEqual({ settings: {}, lines: new Map(), mistakes: [] })
  })
})

describe('a mistake in a configuration', () => {
  test.each([
    ['state-dir', 'expected "name = value"'],
    ['[section]', 'expected "name = value"'],
    ['state-dri = /x', 'there is no setting "state-dri"; did you mean state-dir?'],
    ['certifcate = /x', 'did you mean certificate?'],
    ['__proto__ = /x', 'there is no setting "__proto__"'],
    ['state-dir =', 'state-dir must name a file'],
    ['state-dir = data', 'state-dir must be an absolute path'],
    ['reboot-patience = 5 minutes', 'reboot-patience must be a number of seconds'],
    ['reboot-patience = -1', 'reboot-patience must be a number of seconds'],
    ['simulate = true', 'simulate must be yes or no'],
    ['hub = my hub', 'hub must be the name of a host'],
    ['hub = https://hub.example/', 'hub must be the name of a host'],
    ['device-id = a b', 'device-id must be an id'],
    ['dps-id-scope = ', 'dps-id-scope must be an id'],
    ['certificate = device.pem', 'certificate must be an absolute path'],
    ['transport = amqp', 'transport must be one of auto, mqtt, mqtt-websocket'],
    ['proxy = proxy.example:3128', 'proxy must be like http://proxy.example:3128'],
    ['proxy = http://me:secret@proxy.example:3128', 'must hold no password'],
    ['connect-spread = a minute', 'connect-spread must be a number of seconds'],
  ])('like %j is explained', (line, problem) => {
    const { mistakes } = readConfiguration(line)
    expect(mistakes).toEqual([{ line: 1, problem: expect.stringContaining(problem) as string }])
  })

  test('does not hide the next one, and each has its line', () => {
    const text = '# one\nsimulate = maybe\nstate-dir = /a\n\nnonsense\nstate-dir = /b\n'
    const { settings, mistakes } = readConfiguration(text)
    expect(describeMistakes('agent.conf', mistakes).split('\n')).toEqual([
      'agent.conf:2: simulate must be yes or no',
      'agent.conf:5: expected "name = value", or a comment that begins with #',
      'agent.conf:6: state-dir is already set in line 3',
    ])
    expect(settings).toEqual({ 'state-dir': '/a' })
  })

  test.each([
    'HostName=h.azure-devices.net;DeviceId=d;SharedAccessKey=c2VjcmV0',
    'connection-string = HostName=h;DeviceId=d;SharedAccessKey=c2VjcmV0',
    'ConnectionString = HostName=h;DeviceId=d;SharedAccessKey=c2VjcmV0',
    'simulate = HostName=h;SharedAccessKey=c2VjcmV0',
    'DeviceId=d;SharedAccessKey=c2VjcmV0',
    'hub = HostName=h;SharedAccessKey=c2VjcmV0',
    'dps-key-file = c2VjcmV0',
    'proxy = http://me:c2VjcmV0@proxy.example',
  ])('never repeats the key of %j', (line) => {
    const [mistake] = readConfiguration(line).mistakes
    expect(mistake?.problem).toBeDefined()
    expect(mistake?.problem).not.toContain('c2VjcmV0')
  })

  test('with a connection string says where that belongs', () => {
    const [mistake] = readConfiguration('connection-string = HostName=h').mistakes
    expect(mistake?.problem).toContain('drover-agent provision')
  })
})
