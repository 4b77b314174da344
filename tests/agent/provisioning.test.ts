import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newAuthority, type TestAuthority } from '../../local-hub/testing/device-certificates.ts'
import { openLocalHub, type LocalScene } from '../conformance/support/local-hub.ts'
import { invoke } from '../conformance/support/service.ts'
import { startAgent, type AgentProcess } from './support/agent-process.ts'
import { request } from './support/field.ts'
import { startProvisioningService, type ProvisioningService } from './support/provisioning-service.ts'
import { startWebProxy } from './support/web-proxy.ts'
import { temporaryFolder, type TemporaryFolder } from './support/temporary-folder.ts'

const key = Buffer.from('the key of this enrolment').toString('base64')
const idScope = '0ne00TEST'
const registrationId = 'pump-7'

const nonsense = [
  '',
  'no JSON',
  '{"operationId":"op"}',
  '{"status":"assigned","registrationState":{}}',
  'null',
]

describe('a device that asks for its hub', () => {
  let scene: LocalScene
  let authority: TestAuthority
  let service: ProvisioningService
  let folder: TemporaryFolder
  const agents: AgentProcess[] = []

  beforeAll(async () => {
    authority = await newAuthority('Factory')
    scene = await openLocalHub({ deviceAuthorities: [authority.cert] })
  })
  afterAll(() => scene.close())
  beforeEach(async () => {
    folder = await temporaryFolder()
    service = await startProvisioningService({ key, deviceAuthority: authority.cert })
  })
  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.kill()))
    await service.close()
    await folder.remove()
  })

  /** A device of the hub that the service then names. */
  async function enrol(deviceId: string): Promise<void> {
    const symmetricKey = { primaryKey: key, secondaryKey: key }
    await scene.service.registry.create({ deviceId, authentication: { symmetricKey } })
    service.verdict = { hub: scene.local.hostName, deviceId }
  }

  async function start(...parameters: string[]): Promise<AgentProcess> {
    await writeFile(join(folder.path, 'dps-key'), `${key}\n`, { mode: 0o600 })
    const agent = await startAgent({
      stateFolder: folder.path,
      connectionString: undefined,
      environment: { HTTPS_PROXY: '', NO_PROXY: '' },
      ca: `${scene.local.caCertificate}\n${service.ca}`,
      parameters: [
        ...['--dps-id-scope', idScope, '--dps-registration-id', registrationId, '--dps-host', service.host],
        ...['--gateway', `localhost:${scene.local.mqttsPort}`],
        ...['--websocket-gateway', `localhost:${scene.local.httpsPort}`],
        ...(parameters.includes('--certificate') ? [] : ['--dps-key-file', join(folder.path, 'dps-key')]),
        ...parameters,
      ],
    })
    agents.push(agent)
    return agent
  }

  test('by its key is told, and does there what it is asked for', async () => {
    await enrol('by-key')
    const agent = await start()
    expect(await agent.waitFor('assigned')).toMatchObject({ hub: scene.local.hostName, device: 'by-key' })
    await agent.waitFor('connected')
    const payload = request('action-1')
    expect(await invoke(scene.service, 'by-key', { name: 'reboot', payload })).toMatchObject({ status: 202 })
    expect(service.registrations).toEqual([{ idScope, registrationId, commonName: undefined }])
    expect(JSON.stringify(agent.lines)).not.toContain(key)
  })

  test('by its certificate is told, and shows the same certificate to the hub', async () => {
    await scene.service.registry.create({
      deviceId: registrationId,
      authentication: { type: 'certificateAuthority' },
    })
    service.verdict = { hub: scene.local.hostName, deviceId: registrationId }
    const { cert, key: privateKey } = await authority.issue(registrationId)
    const files = [join(folder.path, 'device.pem'), join(folder.path, 'device.key')] as const
    await writeFile(files[0], cert)
    await writeFile(files[1], privateKey, { mode: 0o600 })
    const agent = await start('--certificate', files[0], '--certificate-key', files[1])
    await agent.waitFor('connected')
    expect(service.registrations).toEqual([{ idScope, registrationId, commonName: registrationId }])
  })

  test('behind a proxy is told, and let in, through WebSockets', async () => {
    await enrol('behind-proxy')
    const targetPort = (host: string) =>
      host.startsWith('dps.test') ? service.webSocketPort : scene.local.httpsPort
    const proxy = await startWebProxy({ targetPort })
    const agent = await start('--dps-host', 'dps.test', '--proxy', `http://127.0.0.1:${proxy.port}`)
    await agent.waitFor('connected')
    expect(proxy.tunnels[0]).toBe('dps.test:443')
    expect(service.registrations).toHaveLength(1)
    await agent.kill()
    await proxy.close()
  })

  test('does not ask again at its next start, and forgets nothing but that', async () => {
    await enrol('remembers')
    const first = await start()
    await first.waitFor('connected')
    await first.stop()
    await service.close()
    const second = await start()
    await second.waitFor('connected')
    expect(second.lines.map(({ event }) => event)).not.toContain('assigned')
    const record = await readFile(join(folder.path, 'connection.json'), 'utf8')
    expect(record).not.toContain(key)
    service = await startProvisioningService({ key })
  })

  test('asks again when its hub would not have it any more, and goes where it is told', async () => {
    await enrol('old-place')
    const agent = await start()
    await agent.waitFor('connected')
    await enrol('new-place')
    await scene.service.registry.delete('old-place')
    expect(await agent.waitFor('assigned', 2)).toMatchObject({ device: 'new-place' })
    await agent.waitFor('connected', 2)
  })

  test('that nobody has enrolled says so in the words of the service, and goes on asking', async () => {
    const agent = await start()
    expect((await agent.waitFor('disconnected', 2))['cause']).toContain(
      'refuses this device: nothing is enrolled',
    )
    await enrol('late')
    await agent.waitFor('connected')
  })

  test('with the key of somebody else is not told anything', async () => {
    await enrol('not-yours')
    await writeFile(join(folder.path, 'other-key'), Buffer.from('the key of no enrolment').toString('base64'))
    const agent = await start('--dps-key-file', join(folder.path, 'other-key'))
    expect((await agent.waitFor('disconnected'))['cause']).toContain('Not authorized')
    expect(service.registrations).toEqual([])
  })

  test.each(nonsense)('outlives a service that answers %j', async (text) => {
    service.verdict = { nonsense: text }
    const agent = await start()
    await agent.waitFor('disconnected')
    await enrol(`after-${Buffer.from(text).toString('hex').slice(0, 8)}`)
    await agent.waitFor('connected')
  })

  test('outlives a service that goes away while it is asked', async () => {
    const agent = await start()
    await agent.waitFor('disconnected')
    await service.close()
    const count = agent.lines.filter(({ event }) => event === 'disconnected').length
    await agent.waitFor('disconnected', count + 1)
    expect(await agent.stop()).toBe(0)
    service = await startProvisioningService({ key })
  })
})
