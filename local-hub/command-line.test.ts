import { describe, expect, test } from 'vitest'
import { helpText, parseCommandLine } from './command-line.ts'

describe('parseCommandLine', () => {
  test.each([
    [[], {}],
    [['--https-port', '443', '--mqtts-port=8883'], { httpsPort: 443, mqttsPort: 8883 }],
    [['--host-name', 'my.hub'], { hostName: 'my.hub' }],
    [['--fleet', 'demo'], { fleet: { name: 'demo' } }],
    [['--faults', 'f.json'], { faultsFile: 'f.json' }],
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
    [['--fleet', 'huge'], /the only one is 'demo'/],
    [['--tier', 'B1'], /the tiers are F1, S1, S2, S3/],
    [['--tier', 'F1', '--units', '2'], /F1 has 1 to 1 units, not 2/],
    [['--tier', 'S1', '--units', 'x'], /units/],
    [['--tier', 'S1', '--burst', 'x'], /burst/],
    [['--units', '2'], /need a --tier/],
    [['--port', '1'], /--port/],
    [['extra'], /extra/],
  ])('%j is refused with a reason', (args, reason) => {
    expect(() => parseCommandLine(args)).toThrow(reason)
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
      '--help',
    ])
      expect(helpText).toContain(option)
  })
})
