import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CampaignFile } from '../../contract/app/campaign-file.ts'
import { DeviceId } from '../../contract/app/ids.ts'
import { azCommands } from './az-command.ts'

const campaign: CampaignFile = {
  format: 'drover-campaign',
  version: 1,
  name: 'Night reboot',
  parameters: { kind: 'reboot' },
  engine: 'methods',
  deadlineMs: 600_000,
  deviceIds: [DeviceId.parse('pump-1'), DeviceId.parse("o'brien")],
}

/** What a real shell makes of a command: its words. */
function words(command: string): string[] {
  const script = `set -- ${command}; printf '%s\\0' "$@"`
  return execFileSync('sh', ['-c', script]).toString().split('\0').slice(0, -1)
}

function optionOf(command: string, name: string): string | undefined {
  const all = words(command)
  const joined = all.find((word) => word.startsWith(`${name}=`))
  return joined === undefined ? all[all.indexOf(name) + 1] : joined.slice(name.length + 1)
}

describe('a campaign as a command of the Azure CLI', () => {
  test('is what one would type', () => {
    expect(words(azCommands(campaign, 'contoso').commands)).toEqual([
      ...['az', 'iot', 'hub', 'job', 'create', '--hub-name=contoso', '--job-id=Night-reboot-1'],
      ...['--job-type', 'scheduleDeviceMethod', '--method-name=reboot', '--method-payload=null'],
      ...['--method-connect-timeout', '30', '--method-response-timeout', '30'],
      ...[`--query-condition=deviceId IN ['pump-1','o\\'brien']`, '--ttl', '600'],
    ])
  })

  test.each([
    [{ kind: 'tags', patch: '{"site": "o\'slo"}' }, '{"tags":{"site": "o\'slo"}}'],
    [{ kind: 'desired', patch: '{"rate":5}' }, '{"properties":{"desired":{"rate":5}}}'],
  ] as const)('takes a patch as it was written: %j', (parameters, patch) => {
    const { commands } = azCommands({ ...campaign, parameters }, 'contoso')
    expect(optionOf(commands, '--job-type')).toBe('scheduleUpdateTwin')
    expect(optionOf(commands, '--patch')).toBe(patch)
  })

  test('gives a shell nothing to run, whatever the payload and the name are', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom('--help', '$(id)', '`id`', "'; id; '", '"\\n$HOME'),
        (json, evil) => {
          const payload = JSON.stringify([evil, json]).replaceAll('\0', '')
          const parameters = {
            ...{ kind: 'method' as const, methodName: evil, payload, responseTimeoutMs: 5_000 },
          }
          const { commands } = azCommands({ ...campaign, name: evil, parameters }, evil)
          expect(optionOf(commands, '--method-payload')).toBe(payload)
          expect(optionOf(commands, '--method-name')).toBe(evil)
          expect(optionOf(commands, '--hub-name')).toBe(evil)
        },
      ),
      { numRuns: 30 },
    )
  })

  test('is several where the condition would be longer than the hub takes', () => {
    const deviceIds = Array.from({ length: 1_000 }, (_, index) => DeviceId.parse(`pump-${index}`))
    const { commands, notes } = azCommands({ ...campaign, deviceIds }, 'contoso')
    const lines = commands.split('\n')
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.every((line) => (optionOf(line, '--query-condition')?.length ?? 0) < 8_000)).toBe(true)
    expect(notes).toContain('many-jobs')
  })

  test.each(['x'.repeat(200), `${'x'.repeat(61)} y`, '--', '서울'])(
    'has a job id that the hub takes, whatever the campaign is called: %s',
    (name) => {
      const deviceIds = Array.from({ length: 9_000 }, (_, index) => DeviceId.parse(`pump-${index}`))
      const ids = azCommands({ ...campaign, name, deviceIds }, 'contoso')
        .commands.split('\n')
        .map((line) => optionOf(line, '--job-id') ?? '')
      for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9-]{1,64}$/)
      expect(new Set(ids).size).toBe(ids.length)
    },
  )

  test('warns of a name that the CLI would replace by the content of a file', () => {
    const method = (methodName: string) => ({
      ...{ kind: 'method' as const, methodName, payload: '', responseTimeoutMs: 5_000 },
    })
    const notesOf = (name: string) => azCommands({ ...campaign, parameters: method(name) }, 'contoso').notes
    expect(notesOf('@/etc/hostname')).toContain('reads-file')
    expect(notesOf('blink@home')).not.toContain('reads-file')
  })

  test('says what it cannot express', () => {
    const policy = {
      waves: [{ unit: 'devices' as const, count: 1 }],
      gate: { soakMs: 0, needsApproval: false },
      abort: { failureShare: 0.1, leastFinished: 5 },
      mostPerMinute: 60,
      offline: { mode: 'wait' as const, deliverBy: '2026-11-24T10:00:00.000Z' },
    }
    expect(azCommands({ ...campaign, policy }, 'contoso').notes).toHaveLength(6)
    const tags = { kind: 'tags' as const, patch: '{}' }
    expect(azCommands({ ...campaign, parameters: tags }, 'contoso').notes).toEqual([])
  })
})
