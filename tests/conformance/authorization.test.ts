import { Agent } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HubProcess } from './support/hub-process.ts'
import { invoke, openService, refusalOf, rowsOf } from './support/service.ts'
import type { Service } from './support/service.ts'
import { openScene } from './support/scene.ts'
import type { Scene } from './support/scene.ts'
import { localAgent, localOf, localOnly, localTitle } from './support/target.ts'

type PolicyName = keyof HubProcess['connectionStrings']
type Call = readonly [
  name: string,
  needs: readonly PolicyName[],
  run: (service: Service, known: string) => Promise<unknown>,
]

const readers: readonly PolicyName[] = [
  'iothubowner',
  'registryRead',
  'registryReadWrite',
  'serviceAndRegistryRead',
]
const writers: readonly PolicyName[] = ['iothubowner', 'registryReadWrite']
const services: readonly PolicyName[] = ['iothubowner', 'service', 'serviceAndRegistryRead']

const calls: readonly Call[] = [
  ['Registry.get', readers, ({ registry }, known) => registry.get(known)],
  ['Registry.list', readers, ({ registry }) => registry.list()],
  ['Registry.getRegistryStatistics', readers, ({ registry }) => registry.getRegistryStatistics()],
  ['Registry.createQuery', readers, (service) => rowsOf(service, 'SELECT * FROM devices')],
  [
    'Registry.updateDevices',
    writers,
    ({ registry }, known) => registry.updateDevices([{ deviceId: known }], true),
  ],
  ['Registry.getTwin', services, ({ registry }, known) => registry.getTwin(known)],
  [
    'Registry.updateTwin',
    services,
    ({ registry }, known) => registry.updateTwin(known, { tags: { a: 1 } }, '*'),
  ],
]

describe('rights', () => {
  let scene: Scene
  let known: string

  beforeAll(async () => {
    scene = await openScene()
    known = scene.deviceId('known')
    await scene.service.registry.create({ deviceId: known })
  })

  afterAll(() => scene.close())

  const openWith = (connectionString: string, agent = scene.target.agent) =>
    openService(connectionString, agent)
  const read = (service: Service) => service.registry.get(known)

  test.skipIf(localOnly).each(calls)(
    localTitle('%s is for the policies %j only', 'policies'),
    async (_name, needs, run) => {
      for (const [policy, connectionString] of Object.entries(localOf(scene.target).connectionStrings)) {
        const attempt = run(openWith(connectionString), known)
        if (needs.includes(policy as PolicyName)) await attempt
        else expect((await refusalOf(attempt)).status, policy).toBe(403)
      }
    },
  )

  test.skipIf(localOnly)(
    localTitle('Client.invokeDeviceMethod needs ServiceConnect, and the refusal names it', 'policies'),
    async () => {
      const service = openWith(localOf(scene.target).connectionStrings.registryRead)
      const refusal = await refusalOf(invoke(service, known, { name: 'reboot' }))
      expect(refusal.status).toBe(403)
      expect(refusal.body).toContain('ServiceConnect')
    },
  )

  test('a wrong key is 401 UnauthorizedError', async () => {
    const wrong = scene.target.connectionString.replace(
      /SharedAccessKey=.*/,
      `SharedAccessKey=${Buffer.alloc(32).toString('base64')}`,
    )
    const refusal = await refusalOf(read(openWith(wrong)))
    expect(refusal).toMatchObject({ name: 'UnauthorizedError', status: 401 })
    expect(JSON.parse(refusal.body)).toMatchObject({
      Message: expect.stringMatching(/^ErrorCode:IotHubUnauthorizedAccess;Unauthorized/) as string,
    })
  })

  test('a policy that does not exist is 401', async () => {
    const unknown = scene.target.connectionString.replace(
      /SharedAccessKeyName=[^;]*/,
      'SharedAccessKeyName=nobody',
    )
    expect((await refusalOf(read(openWith(unknown)))).status).toBe(401)
  })

  test.skipIf(localOnly)(
    localTitle('a client that does not trust the authority sees a certificate error', 'ownAuthority'),
    async () => {
      const { connectionString, httpsPort: port, hostName: servername } = localOf(scene.target)
      const agent = new Agent({ host: '127.0.0.1', port, servername })
      await expect(read(openWith(connectionString, agent))).rejects.toThrow(/certificate/)
    },
  )

  test.skipIf(localOnly)(
    localTitle('the certificate is good for no other name', 'ownAuthority'),
    async () => {
      const local = localOf(scene.target)
      const agent = localAgent({ ...local, hostName: 'other.example' })
      await expect(read(openWith(local.connectionString, agent))).rejects.toThrow(/altnames/)
    },
  )
})
