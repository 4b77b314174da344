import { Agent } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HubProcess } from './support/hub-process.ts'
import { invoke, openService, refusalOf, rowsOf } from './support/service.ts'
import type { Service } from './support/service.ts'
import { localAgent, localOnly, localTitle, openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

type PolicyName = keyof HubProcess['connectionStrings']
type Call = readonly [name: string, needs: readonly PolicyName[], run: (service: Service) => Promise<unknown>]

const readers: readonly PolicyName[] = [
  'iothubowner',
  'registryRead',
  'registryReadWrite',
  'serviceAndRegistryRead',
]
const writers: readonly PolicyName[] = ['iothubowner', 'registryReadWrite']
const services: readonly PolicyName[] = ['iothubowner', 'service', 'serviceAndRegistryRead']

const calls: readonly Call[] = [
  ['Registry.get', readers, ({ registry }) => registry.get('known')],
  ['Registry.list', readers, ({ registry }) => registry.list()],
  ['Registry.getRegistryStatistics', readers, ({ registry }) => registry.getRegistryStatistics()],
  ['Registry.createQuery', readers, (service) => rowsOf(service, 'SELECT * FROM devices')],
  [
    'Registry.updateDevices',
    writers,
    ({ registry }) => registry.updateDevices([{ deviceId: 'known' }], true),
  ],
  ['Registry.getTwin', services, ({ registry }) => registry.getTwin('known')],
  ['Registry.updateTwin', services, ({ registry }) => registry.updateTwin('known', { tags: { a: 1 } }, '*')],
]

describe.skipIf(localOnly)(localTitle('rights'), () => {
  let target: Target
  let local: HubProcess

  beforeAll(async () => {
    target = await openTarget()
    if (!target.local) throw new Error('needs the local hub')
    local = target.local
    await openService(local.connectionString, target.agent).registry.create({ deviceId: 'known' })
  })

  afterAll(() => target.close())

  test.each(calls)('%s is for the policies %j only', async (_name, needs, run) => {
    for (const [policy, connectionString] of Object.entries(local.connectionStrings)) {
      const attempt = run(openService(connectionString, target.agent))
      if (needs.includes(policy as PolicyName)) await attempt
      else expect((await refusalOf(attempt)).status, policy).toBe(403)
    }
  })

  test('Client.invokeDeviceMethod needs ServiceConnect, and the refusal names it', async () => {
    const service = openService(local.connectionStrings.registryRead, target.agent)
    const refusal = await refusalOf(invoke(service, 'known', { name: 'reboot' }))
    expect(refusal.status).toBe(403)
    expect(refusal.body).toContain('ServiceConnect')
  })

  test('a wrong key is 401 UnauthorizedError', async () => {
    const wrong = local.connectionString.replace(
      /SharedAccessKey=.*/,
      `SharedAccessKey=${Buffer.alloc(32).toString('base64')}`,
    )
    const refusal = await refusalOf(openService(wrong, target.agent).registry.get('known'))
    expect(refusal).toMatchObject({ name: 'UnauthorizedError', status: 401 })
    expect(JSON.parse(refusal.body)).toMatchObject({
      Message: 'ErrorCode:IotHubUnauthorizedAccess;Unauthorized',
    })
  })

  test('a policy that does not exist is 401', async () => {
    const unknown = local.connectionString.replace('iothubowner', 'nobody')
    expect((await refusalOf(openService(unknown, target.agent).registry.get('known'))).status).toBe(401)
  })

  test('a client that does not trust the authority sees a certificate error', async () => {
    const agent = new Agent({ host: '127.0.0.1', port: local.httpsPort, servername: local.hostName })
    await expect(openService(local.connectionString, agent).registry.get('known')).rejects.toThrow(
      /certificate/,
    )
  })

  test('the certificate is good for no other name', async () => {
    const agent = localAgent({ ...local, hostName: 'other.example' })
    await expect(openService(local.connectionString, agent).registry.get('known')).rejects.toThrow(/altnames/)
  })
})
