import { describe, expect, test } from 'vitest'
import { helpText, parseCommandLine } from './command-line.ts'

describe('parseCommandLine', () => {
  test.each([
    [[], {}],
    [['--https-port', '443', '--mqtts-port=8883'], { httpsPort: 443, mqttsPort: 8883 }],
    [['--https-port', '0', '--mqtts-port', '0'], { httpsPort: 0, mqttsPort: 0 }],
    [['--host-name', 'my.hub'], { hostName: 'my.hub' }],
    [['--fleet', 'demo'], { fleet: { name: 'demo' } }],
    [['--faults', 'f.json'], { faultsFile: 'f.json' }],
    [['--fleet', '1000'], { fleet: { count: 1000, mix: { agent: 100 } } }],
    [
      ['--fleet', '10', '--dialect-mix', 'agent=70,sample=30'],
      { fleet: { count: 10, mix: { agent: 70, sample: 30 } } },
    ],
    [['--scenario', 's.json'], { fleet: { scenarioFile: 's.json' } }],
    [['--data', 'folder'], { dataFolder: 'folder' }],
    [['--query-lag', '1.5'], { queryLagMs: 1500 }],
    [['--device-ca', 'ca.pem'], { deviceCaFile: 'ca.pem' }],
    [['--test-token', 'abc'], { testToken: 'abc' }],
    [['--tier', 'F1'], { tier: { name: 'F1', units: 1 } }],
    [['--tier=S2', '--units=3', '--burst=0'], { tier: { name: 'S2', units: 3, burstSeconds: 0 } }],
  ])('%j starts a hub with %j', (args, options) => {
    expect(parseCommandLine(args)).toEqual({ kind: 'start', options })
  })

  test.each([[['--help']], [['-h', '--https-port', '1']]])('%j asks for help', (args) => {
    expect(parseCommandLine(args)).toEqual({ kind: 'help' })
  })

  test.each([
    [['--https-port', '65536'], /--https-port should be a number from 0 to 65535, not '65536'/],
    [['--mqtts-port', '1e3'], /--mqtts-port/],
    [['--mqtts-port', ''], /--mqtts-port/],
    [['--fleet', 'huge'], /should be 'demo' or a number from 1 to 50000, not 'huge'/],
    [['--fleet', '0'], /--fleet/],
    [['--fleet', 'demo', '--dialect-mix', 'agent=1'], /--dialect-mix needs a --fleet/],
    [['--dialect-mix', 'agent=1'], /--dialect-mix needs a --fleet/],
    [['--fleet', '5', '--dialect-mix', 'agents=1'], /agent=70.*The dialects are agent, tutorial/],
    [['--fleet', '5', '--dialect-mix', 'agent=0'], /a share above 0/],
    [['--fleet', '5', '--scenario', 'f.json'], /exclude each other/],
    [['--query-lag', 'soon'], /--query-lag should be a number of seconds, not 'soon'/],
    [['--query-lag', '-1'], /--query-lag/],
    [['--tier', 'B1'], /the tiers are F1, S1, S2, S3/],
    [['--tier', 'F1', '--units', '2'], /F1 has 1 to 1 units, not 2/],
    [['--tier', 'S1', '--units', 'x'], /units/],
    [['--tier', 'S1', '--burst', 'x'], /burst/],
    [['--units', '2'], /need a --tier/],
    [['--https-port', '443', '--amqps-port', '443'], /--https-port and --amqps-port are both 443/],
    [['--port', '1'], /--port/],
    [['extra'], /extra/],
  ])('%j is refused with a reason', (args, reason) => {
    expect(() => parseCommandLine(args)).toThrow(reason)
  })

  test('the help says how it was started, and has its words in one column', () => {
    const lines = helpText('node hub.mjs').split('\n')
    expect(lines).toContain('Usage: node hub.mjs [options]')
    const columns = lines.flatMap((line) => /^ {2}--\S+( <[^>]*>)? +/.exec(line)?.[0].length ?? [])
    expect(columns.length).toBeGreaterThan(10)
    expect(new Set(columns).size).toBe(1)
  })

  test('the help names every option', () => {
    for (const option of [
      '--host-name',
      '--https-port',
      '--mqtts-port',
      '--fleet',
      '--tier',
      '--units',
      '--burst',
      '--data',
      '--dialect-mix',
      '--scenario',
      '--query-lag',
      '--faults',
      '--device-ca',
      '--test-token',
      '--help',
    ])
      expect(helpText('npm run hub --')).toContain(option)
  })
})
