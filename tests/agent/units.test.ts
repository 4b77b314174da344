import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasTool } from '../../build/agent-package/run.ts'
import { projectFolder } from '../../build/run-program.ts'

const analyzer = 'systemd-analyze'
const hasAnalyzer = await hasTool(analyzer)
const files = path.join(projectFolder, 'build/agent-package/files')

describe.skipIf(process.platform !== 'linux')('the privileged helper', () => {
  /** The helper on a machine whose systemctl says and does this. */
  function ask(words: string, systemctl: string): { answer: string; ran: string } {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'drover-helper-'))
    const log = path.join(folder, 'log')
    writeFileSync(path.join(folder, 'systemctl'), `#!/bin/sh\necho "$@" >> ${log}\n${systemctl}\n`)
    chmodSync(path.join(folder, 'systemctl'), 0o755)
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` }
    const answer = execFileSync('sh', [path.join(files, 'helper')], { input: words, env }).toString()
    const ran = existsSync(log) ? readFileSync(log, 'utf8') : ''
    rmSync(folder, { recursive: true })
    return { answer, ran }
  }

  test('reboots', () => {
    expect(ask('reboot\n', 'exit 0')).toEqual({
      answer: 'ok\n',
      ran: '--no-ask-password --no-block reboot\n',
    })
  })

  test('reboots by force, and has the wipe done by its own service, by words of its own', () => {
    expect(ask('reboot-force\n', 'exit 0').ran).toBe('--no-ask-password --no-block --force reboot\n')
    expect(ask('wipe\n', 'exit 0')).toEqual({
      answer: 'ok\n',
      ran: '--no-ask-password start drover-agent-wipe.service\n',
    })
    expect(ask('wipe\n', 'echo "Job failed" >&2; exit 1').answer).toBe('Job failed\n')
  })

  test('says in one line why it did not', () => {
    expect(ask('reboot\n', 'echo "Access denied" >&2; echo more >&2; exit 1').answer).toBe('Access denied\n')
    expect(ask('reboot\n', 'exit 1').answer).toBe('systemctl failed\n')
  })

  test.each([
    'halt\n',
    'wipe /\n',
    'reboot; id\n',
    '$(id)\n',
    'reboot --force\n',
    '../reboot\n',
    '*\n',
    '\n',
  ])('knows nothing of %j', (words) => {
    expect(ask(words, 'exit 0')).toEqual({ answer: 'unknown verb\n', ran: '' })
  })
})

describe.skipIf(process.platform !== 'linux')('the clock of a machine, when the agent starts,', () => {
  const made = Date.UTC(2026, 10, 1) / 1000

  /** What `date` is told to set, on a machine whose clock says `now`; undefined when it is left alone. */
  function setTo(now: number, record: string | undefined, isSynced = false): string | undefined {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'drover-clock-'))
    const place = (name: string) => path.join(folder, name)
    writeFileSync(place('date'), `#!/bin/sh\n[ "$*" = +%s ] && echo ${now} || echo "$*" > ${place('set')}\n`)
    chmodSync(place('date'), 0o755)
    if (record !== undefined) writeFileSync(place('clock'), record)
    writeFileSync(place('program'), '')
    if (isSynced) writeFileSync(place('synchronized'), '')
    utimesSync(place('program'), made, made)
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` }
    execFileSync('sh', [path.join(files, 'clock'), place('clock'), place('program'), place('synchronized')], {
      env,
    })
    const told = existsSync(place('set')) ? readFileSync(place('set'), 'utf8').trim() : undefined
    rmSync(folder, { recursive: true })
    return told
  }

  test('is moved forward to the last time that was known', () => {
    expect(setTo(12, `${made + 1000}\n`)).toBe(`-u -s @${made + 1000}`)
    expect(setTo(made + 999, `${made + 1000}\n`)).toBe(`-u -s @${made + 1000}`)
  })

  test('is left to whatever has asked the network', () => {
    expect(setTo(12, `${made + 1000}\n`, true)).toBeUndefined()
  })

  test('is never moved backward', () => {
    expect(setTo(made + 1000, `${made + 1000}\n`)).toBeUndefined()
    expect(setTo(made + 5000, `${made + 1000}\n`)).toBeUndefined()
  })

  test.each([
    undefined,
    '',
    '\n',
    'yesterday\n',
    '-1\n',
    '1e9\n',
    '99999999999\n',
    '$(reboot)\n',
    `${made - 1}\n`,
  ])('is not before what runs was made, with %j for a record', (record) => {
    expect(setTo(12, record)).toBe(`-u -s @${made}`)
    expect(setTo(made + 1, record)).toBeUndefined()
  })
})

describe.skipIf(!hasAnalyzer)(
  `the units${hasAnalyzer ? '' : ` (skipped: there is no ${analyzer} here)`}`,
  () => {
    const analyze = (...args: string[]) => {
      const env = { ...process.env, SYSTEMD_UNIT_PATH: `${files}:`, SYSTEMD_COLORS: '0' }
      const { status, stdout, stderr } = spawnSync(analyzer, args, { env })
      return { status, said: `${stdout.toString()}${stderr.toString()}` }
    }
    const units = [
      'drover-agent.service',
      'drover-agent-helper.socket',
      'drover-agent-helper@.service',
      'drover-agent-installer.socket',
      'drover-agent-installer@.service',
      'drover-agent-wipe.service',
    ]

    test('are understood by systemd to the last line', () => {
      const said = analyze('verify', ...units.map((unit) => path.join(files, unit.replace('@', '@1')))).said
      expect(
        said.split('\n').filter((line) => /Unknown|Failed to parse|ignoring|Invalid/i.test(line)),
      ).toEqual([])
    })

    test.each(['drover-agent.service', 'drover-agent-helper@.service'])(
      'leave %s little to attack',
      (unit) => {
        const { status, said } = analyze(
          'security',
          '--offline=yes',
          '--threshold=20',
          path.join(files, unit),
        )
        expect(said).toContain('Overall exposure level')
        expect(status).toBe(0)
      },
    )
  },
)
