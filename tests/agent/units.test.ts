import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
