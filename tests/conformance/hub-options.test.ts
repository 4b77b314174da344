import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diagnosticsOf } from './support/diagnostics.ts'
import { openService, refusalOf } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'

const main = fileURLToPath(new URL('../../local-hub/main.ts', import.meta.url))

describe.skipIf(localOnly)(localTitle('the options of the hub', 'ownHub'), () => {
  let folder: string
  let faultsFile: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-options-'))
    faultsFile = join(folder, 'faults.json')
  })

  afterAll(() => rm(folder, { recursive: true }))

  const run = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })

  /** The end of a hub that should not have started. */
  async function refusalOfStart(...args: readonly string[]): Promise<{ code: unknown; errors: string }> {
    const child = run(...args)
    let errors = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text))
    const [code] = (await once(child, 'close')) as [unknown]
    return { code, errors }
  }

  /** What the hub prints, as a program of another author would read it. */
  async function accessOf(child: ChildProcess) {
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
    await expect.poll(() => output, { timeout: 10_000 }).toContain('GatewayHostName=localhost:')
    const find = (pattern: RegExp) => pattern.exec(output)?.[1] ?? ''
    return {
      caFile: find(/CA +(\S+)/),
      connectionString: find(/(HostName=\S+;SharedAccessKeyName=iothubowner;\S+)/),
      hostName: find(/HostName=([^;]+)/),
      httpsPort: Number(find(/https:\/\/127\.0\.0\.1:(\d+)/)),
      caCertificate: readFileSync(find(/CA +(\S+)/), 'utf8'),
    }
  }

  test('make a hub of a tier with faults, which ends at once although a job waits for a device', async () => {
    const rule = { operation: 'query', count: 1, effect: { kind: 'status', status: 500 } }
    await writeFile(faultsFile, JSON.stringify({ rules: [rule] }))
    const child = run('--tier', 'S2', '--units', '2', '--faults', faultsFile)
    const access = await accessOf(child)
    const { httpsPort: port, hostName: servername, caCertificate: ca } = access
    const agent = new Agent({ host: '127.0.0.1', port, servername, ca })
    const { registry, jobs } = openService(access.connectionString, agent)
    expect((await refusalOf(registry.createQuery('SELECT * FROM devices').next())).status).toBe(500)
    expect(await diagnosticsOf(access)).toMatchObject({
      tier: { name: 'S2', units: 2 },
      throttles: { directMethod: { perSecond: 240 } },
      faults: [{ hits: 1 }],
    })
    await registry.create({ deviceId: 'offline' })
    await jobs.scheduleDeviceMethod('waits', '*', { methodName: 'reboot' }, new Date(), 3600)
    const exit = once(child, 'exit')
    child.kill('SIGINT')
    expect(await exit).toEqual([0, null])
    agent.destroy()
  })

  test('with a folder make a hub that comes back with its strings, its CA and its devices', async () => {
    const dataFolder = join(folder, 'data')
    const lives: string[] = []
    for (const life of [1, 2]) {
      const child = run('--data', dataFolder, '--host-name', 'kept.example')
      const access = await accessOf(child)
      lives.push(access.connectionString + access.caCertificate)
      expect(access.caFile).toBe(join(dataFolder, 'ca.pem'))
      const { httpsPort: port, hostName: servername, caCertificate: ca } = access
      const agent = new Agent({ host: '127.0.0.1', port, servername, ca })
      const { registry } = openService(access.connectionString, agent)
      if (life === 1) await registry.create({ deviceId: 'd' })
      expect((await registry.get('d')).responseBody.deviceId).toBe('d')
      agent.destroy()
      const second = await refusalOfStart('--data', dataFolder)
      expect(second).toEqual({
        code: 1,
        errors: expect.stringMatching(/^Another hub is running on/) as unknown,
      })
      const exit = once(child, 'exit')
      child.kill(life === 1 ? 'SIGKILL' : 'SIGINT')
      await exit
    }
    expect(lives[1]).toBe(lives[0])
  })

  test('with a folder that cannot be one end with a reason, and no stack', async () => {
    await writeFile(faultsFile, '')
    const { code, errors } = await refusalOfStart('--data', faultsFile)
    expect([code, /cannot be used: .*(EEXIST|ENOTDIR)/.test(errors), errors.includes('    at ')]).toEqual([
      1,
      true,
      false,
    ])
  })

  test('with a mistake in the file of faults end with its place, and no stack', async () => {
    await writeFile(faultsFile, '{ "rules": [{ "effect": { "kind": "status", "status": 200 } }] }')
    const { code, errors } = await refusalOfStart('--faults', faultsFile)
    expect(code).toBe(1)
    expect(errors).toContain(`${faultsFile}: rules[0].effect.status: `)
    expect(errors).not.toContain('    at ')
  })

  test.each([
    [['--tier', 'B1'], /There is no tier 'B1'/],
    [['--tier', 'F1', '--units', '2'], /1 to 1 units/],
    [['--units', '2'], /need a --tier/],
    [['--faults', 'no-such-file.json'], /no-such-file\.json: there is no such file/],
    [['--scenario', 'no-such-file.json'], /no-such-file\.json: there is no such file/],
    [['--fleet', 'many'], /--fleet should be 'demo' or a number/],
    [['--host-name', 'x.servicebus.chinacloudapi.cn'], /belongs to Azure/],
  ])('%j end with a reason', async (args, reason) => {
    const { code, errors } = await refusalOfStart(...args)
    expect([code, reason.test(errors), errors.includes('    at ')]).toEqual([1, true, false])
  })
})
