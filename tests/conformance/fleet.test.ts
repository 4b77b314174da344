import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { startHubProcess } from './support/hub-process.ts'
import type { HubProcess } from './support/hub-process.ts'
import { invoke, openService, refusalOf, rowsOf } from './support/service.ts'
import type { Service } from './support/service.ts'
import { localAgent, localOnly, localTitle } from './support/target.ts'

const dialects = ['agent', 'tutorial', 'sample', 'java', 'remoteMonitoring', 'windows', 'configuration']
const faults = ['silent', 'refuses', 'neverReturns', 'lies', 'rollsBack', 'offline']

const quick = { count: 1, downSeconds: [0.3, 0.4], phaseSeconds: 0.05 }
const scenario = {
  groups: [
    ...dialects.map((dialect) => ({ ...quick, dialect, namePrefix: `${dialect}-` })),
    ...faults.map((fault) => ({
      ...quick,
      dialect: 'agent',
      namePrefix: `${fault}-`,
      faults: { [fault]: 1 },
    })),
    { ...quick, dialect: 'realAgent', namePrefix: 'realAgent-', tags: { kind: 'real' } },
  ],
}

interface ReportedTwin {
  readonly tags: unknown
  readonly properties: { readonly reported: Readonly<Record<string, never>> }
}

describe.skipIf(localOnly)(localTitle('a fleet of a scenario', 'ownHub'), () => {
  let hub: HubProcess
  let service: Service
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-fleet-'))
    const scenarioFile = join(folder, 'scenario.json')
    await writeFile(scenarioFile, JSON.stringify(scenario))
    hub = await startHubProcess({ fleet: { scenarioFile }, dataFolder: join(folder, 'data') })
    service = openService(hub.connectionString, localAgent(hub))
    await eventually(
      () => rowsOf(service, "SELECT deviceId FROM devices WHERE connectionState = 'Connected'"),
      (rows) => rows.length === scenario.groups.length - 1,
    )
  })

  afterAll(async () => {
    await hub.stop()
    await rm(folder, { recursive: true })
  })

  const poll = { timeout: 20_000, interval: 50 }

  async function reportedOf(deviceId: string): Promise<unknown> {
    const { responseBody } = await service.registry.getTwin(deviceId)
    return (JSON.parse(JSON.stringify(responseBody)) as ReportedTwin).properties.reported
  }

  async function bootIdOf(deviceId: string): Promise<unknown> {
    const { iothubDM } = (await reportedOf(deviceId)) as { iothubDM?: { agent?: { bootId?: string } } }
    return iothubDM?.agent?.bootId
  }

  test.each(['agent-0001', 'realAgent-0001'])('%s reboots, and proves it', async (deviceId) => {
    await expect.poll(() => bootIdOf(deviceId), poll).toBeTypeOf('string')
    const before = await bootIdOf(deviceId)
    const notAfter = new Date(Date.now() + 60_000).toISOString()
    const payload = { actionId: 'action-1', notAfter }
    expect(await invoke(service, deviceId, { name: 'reboot', payload })).toEqual({
      status: 202,
      payload: { actionId: 'action-1', state: 'accepted' },
    })
    await expect
      .poll(() => reportedOf(deviceId), poll)
      .toMatchObject({
        iothubDM: { reboot: { actionId: 'action-1', status: 'completed', bootIdBefore: before } },
      })
    expect(await bootIdOf(deviceId)).not.toBe(before)
  })

  test.each([
    ['tutorial-0001', 'reboot', { iothubDM: { reboot: { lastReboot: expect.any(String) as unknown } } }],
    ['sample-0001', 'reboot', { iothubDM: { reboot: { startedRebootTime: expect.any(String) as unknown } } }],
    ['java-0001', 'reboot', { lastReboot: expect.any(String) as unknown }],
    ['windows-0001', 'windows.rebootAsync', { windows: { rebootInfo: { lastRebootCmdStatus: 'accepted' } } }],
    ['remoteMonitoring-0001', 'Reboot', { SupportedMethods: 'Reboot,FactoryReset,FirmwareUpdate' }],
  ])('%s takes %s, reports in its own words, and comes back', async (deviceId, name, reported) => {
    expect((await invoke(service, deviceId, { name })).status).toBe(200)
    const condition = `SELECT connectionState FROM devices WHERE deviceId = '${deviceId}'`
    await expect.poll(() => rowsOf(service, condition), poll).toEqual([{ connectionState: 'Disconnected' }])
    await expect.poll(() => rowsOf(service, condition), poll).toEqual([{ connectionState: 'Connected' }])
    expect(await reportedOf(deviceId)).toMatchObject(reported)
  })

  test('a device that is told by desired properties updates its firmware', async () => {
    const firmware = { fwVersion: '2.8.5', fwPackageURI: 'https://example.com/package.bin' }
    await service.registry.updateTwin('configuration-0001', { properties: { desired: { firmware } } }, '*')
    await expect
      .poll(() => reportedOf('configuration-0001'), poll)
      .toMatchObject({ firmware: { currentFwVersion: '2.8.5', fwUpdateStatus: 'current' } })
  })

  test('devices fail in the way that they were told to', async () => {
    const reboot = (deviceId: string, responseSeconds = 30) =>
      invoke(service, deviceId, { name: 'reboot', payload: { actionId: 'action-1' }, responseSeconds })
    expect((await refusalOf(reboot('silent-0001', 5))).status).toBe(504)
    expect((await refusalOf(reboot('offline-0001'))).status).toBe(404)
    expect(await reboot('refuses-0001')).toMatchObject({ status: 503, payload: { state: 'refused' } })
    const bootId = await bootIdOf('lies-0001')
    for (const deviceId of ['lies-0001', 'neverReturns-0001'])
      expect((await reboot(deviceId)).status).toBe(202)
    await expect
      .poll(() => reportedOf('lies-0001'), poll)
      .toMatchObject({
        iothubDM: { reboot: { status: 'completed', bootIdBefore: bootId, bootIdAfter: bootId } },
      })
    const payload = { actionId: 'action-2', fwVersion: '2.0', fwPackageUri: 'https://example.com/2.0.bin' }
    await invoke(service, 'rollsBack-0001', { name: 'firmwareUpdate', payload })
    await expect
      .poll(() => reportedOf('rollsBack-0001'), poll)
      .toMatchObject({
        iothubDM: { firmwareUpdate: { status: 'rolledBack' }, agent: { firmwareVersion: '1.0.0' } },
      })
    expect((await refusalOf(reboot('neverReturns-0001'))).status).toBe(404)
  })

  test('devices of a folder that is used again are taken as they are', async () => {
    const before = await service.registry.get('tutorial-0001')
    await hub.stop()
    hub = await startHubProcess({
      fleet: { scenarioFile: join(folder, 'scenario.json') },
      dataFolder: join(folder, 'data'),
    })
    service = openService(hub.connectionString, localAgent(hub))
    const after = await service.registry.get('tutorial-0001')
    expect(after.responseBody.authentication).toEqual(before.responseBody.authentication)
    const connected =
      "SELECT deviceId FROM devices WHERE deviceId = 'tutorial-0001' AND connectionState = 'Connected'"
    await expect.poll(() => rowsOf(service, connected), poll).toHaveLength(1)
  })
})

describe.skipIf(localOnly)(localTitle('a fleet of a mix', 'ownHub'), () => {
  test('is so many devices of each dialect, and a mistake in a scenario fails the start', async () => {
    const hub = await startHubProcess({ fleet: { count: 20, mix: { agent: 70, tutorial: 30 } } })
    const service = openService(hub.connectionString, localAgent(hub))
    expect(await rowsOf(service, 'SELECT tags.kind, COUNT() AS n FROM devices GROUP BY tags.kind')).toEqual([
      { kind: 'agent', n: 14 },
      { kind: 'tutorial', n: 6 },
    ])
    await hub.stop()
    await expect(startHubProcess({ fleet: { scenarioFile: 'no-such-file.json' } })).rejects.toThrow(
      /no such file/,
    )
  })
})
