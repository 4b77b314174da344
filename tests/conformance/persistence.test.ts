import { once } from 'node:events'
import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rounds } from '../support/rounds.ts'
import { changeRegistry, reportUpwards } from './support/acknowledged.ts'
import type { Acknowledged, Reporter } from './support/acknowledged.ts'
import { askHub } from './support/diagnostics.ts'
import { openEventHub, readEvents, trustHub } from './support/event-hub.ts'
import { eventually } from './support/eventually.ts'
import { forkHub, nextMessage, startHubProcess } from './support/hub-process.ts'
import type { HubProcess } from './support/hub-process.ts'
import { openMethodDevice } from './support/method-device.ts'
import { localOnly, localTitle } from './support/target.ts'

interface ReportedCount {
  readonly properties: { readonly reported: { readonly count?: number; readonly $version: number } }
}

describe.skipIf(localOnly)(localTitle('a hub on a folder', 'ownHub'), () => {
  let dataFolder: string

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'drover-data-'))
  })

  afterEach(() => rm(dataFolder, { recursive: true }))

  const start = () => startHubProcess({ dataFolder })

  async function kill(hub: HubProcess): Promise<void> {
    const exit = once(hub.child, 'exit')
    hub.child.kill('SIGKILL')
    await exit
  }

  async function keyOf(hub: HubProcess, deviceId: string): Promise<string> {
    const { body } = await askHub(hub, { method: 'GET', path: `/devices/${deviceId}` })
    return (JSON.parse(body) as { authentication: { symmetricKey: { primaryKey: string } } }).authentication
      .symmetricKey.primaryKey
  }

  function newReporters(hub: HubProcess): Promise<Reporter[]> {
    const deviceIds = ['reporter-1', 'reporter-2']
    return Promise.all(
      deviceIds.map(async (deviceId) => {
        await askHub(hub, { method: 'PUT', path: `/devices/${deviceId}`, body: JSON.stringify({ deviceId }) })
        return { deviceId, key: await keyOf(hub, deviceId), acknowledged: 0 }
      }),
    )
  }

  /** One more report may have been done than was acknowledged; none may have been done by half. */
  async function checkReporter(hub: HubProcess, reporter: Reporter): Promise<void> {
    const { body } = await askHub(hub, { method: 'GET', path: `/twins/${reporter.deviceId}` })
    const { reported } = (JSON.parse(body) as ReportedCount).properties
    const count = reported.count ?? 0
    expect([reporter.acknowledged, reporter.acknowledged + 1]).toContain(count)
    expect(reported.$version).toBe(count + 1)
    reporter.acknowledged = count
  }

  /** What is not as it was acknowledged; what is in doubt may have been done, or not. */
  async function lossesOf(hub: HubProcess, { bodies, inDoubt }: Acknowledged): Promise<unknown[]> {
    const losses: unknown[] = []
    for (const [path, expected] of bodies) {
      if (inDoubt?.startsWith(path.replace('/twins/', '/devices/')) || inDoubt === path) continue
      const { status, body } = await askHub(hub, { method: 'GET', path })
      const isKept = expected === undefined ? status === 404 : body === expected
      if (!isKept) losses.push({ path, expected, status, body })
    }
    return losses
  }

  test('has everything that it acknowledged, whenever it was killed', async () => {
    const reporters: Reporter[] = []
    let clients: readonly Acknowledged[] = []
    let first: HubProcess | undefined
    for (let round = 0; round < rounds(10, 50); round += 1) {
      const hub = await start()
      first ??= hub
      expect([hub.connectionString, hub.caCertificate]).toEqual([first.connectionString, first.caCertificate])
      for (const acknowledged of clients) expect(await lossesOf(hub, acknowledged)).toEqual([])
      if (reporters.length === 0) reporters.push(...(await newReporters(hub)))
      for (const reporter of reporters) await checkReporter(hub, reporter)
      clients = Array.from({ length: 4 }, () => ({ bodies: new Map<string, string>(), inDoubt: undefined }))
      const working = [
        ...clients.map((acknowledged, index) => changeRegistry(hub, `c-${round}-${index}`, acknowledged)),
        ...reporters.map((reporter) => reportUpwards(hub, reporter)),
      ]
      await delay(20 + Math.random() * 300)
      await kill(hub)
      await Promise.all(working)
    }
    expect(Math.min(...reporters.map(({ acknowledged }) => acknowledged))).toBeGreaterThan(0)
  }, 600_000)

  test('has all telemetry that it acknowledged, where it was, whenever it was killed', async () => {
    const path = '/devices/meter/messages/events'
    const acknowledged: string[] = []
    let sent = 0
    async function send(hub: HubProcess): Promise<void> {
      for (;;) {
        const body = `reading ${(sent += 1)}`
        const answer = await askHub(hub, { method: 'POST', path, body }).catch(() => undefined)
        if (answer?.status !== 204) return
        acknowledged.push(body)
      }
    }
    for (let round = 0; round < rounds(3, 15); round += 1) {
      const hub = await start()
      await askHub(hub, {
        method: 'PUT',
        path: '/devices/meter',
        body: JSON.stringify({ deviceId: 'meter' }),
      })
      const sending = send(hub)
      await delay(50 + Math.random() * 300)
      await kill(hub)
      await sending
    }
    const hub = await start()
    trustHub(hub)
    const client = openEventHub(hub)
    const reader = readEvents(client)
    const bodies = () => reader.bodiesOf('Telemetry').map(String)
    const found = await eventually(
      () => Promise.resolve(bodies()),
      (all) => acknowledged.every((body) => all.includes(body)),
      20_000,
    )
    expect(acknowledged.length).toBeGreaterThan(3)
    expect(found.filter((body) => acknowledged.includes(body))).toEqual(acknowledged)
    await reader.close()
    await client.close()
    await hub.stop()
  }, 600_000)

  test('goes on after Ctrl-C too, under its name, and refuses another name', async () => {
    const hub = await startHubProcess({ dataFolder, hostName: 'kept.example' })
    await askHub(hub, { method: 'PUT', path: '/devices/d', body: JSON.stringify({ deviceId: 'd' }) })
    await hub.stop()
    const next = await start()
    expect(next.hostName).toBe('kept.example')
    expect((await askHub(next, { method: 'GET', path: '/devices/d' })).status).toBe(200)
    await next.stop()
    await expect(startHubProcess({ dataFolder, hostName: 'other.example' })).rejects.toThrow(
      /holds the hub kept\.example/,
    )
  })

  test('is alone on it, and the folder is free when it is killed', async () => {
    const hub = await start()
    await expect(start()).rejects.toThrow(`Another hub is running on ${dataFolder}.`)
    await kill(hub)
    await (await start()).stop()
  })

  test('leaves the folder free when it cannot start, for example because a port is in use', async () => {
    const other = await startHubProcess()
    const child = forkHub()
    child.send({ type: 'start', options: { dataFolder, httpsPort: other.httpsPort } })
    expect(await nextMessage(child)).toMatchObject({ type: 'failed' })
    child.send({ type: 'start', options: { dataFolder } })
    expect(await nextMessage(child)).toMatchObject({ type: 'ready' })
    const exit = once(child, 'exit')
    child.send({ type: 'stop' })
    await exit
    await other.stop()
  })

  test('tolerates a torn last line, and refuses damage anywhere else', async () => {
    const hub = await start()
    await askHub(hub, { method: 'PUT', path: '/devices/d', body: JSON.stringify({ deviceId: 'd' }) })
    await kill(hub)
    const [name = ''] = (await readdir(dataFolder)).filter((file) => file.endsWith('.log'))
    const path = join(dataFolder, name)
    await appendFile(path, '1234abcd 900 3 [{"kind":"device","key":"e"')
    const next = await start()
    expect((await askHub(next, { method: 'GET', path: '/devices/d' })).status).toBe(200)
    await kill(next)
    await writeFile(path, (await readFile(path, 'utf8')).replace('iothubowner', 'iothubowneR'))
    await expect(start()).rejects.toThrow(/is damaged at line 2/)
  })

  test('goes on with a job: devices that it had not asked are asked, and the others are not asked twice', async () => {
    const hub = await start()
    for (const deviceId of ['asked', 'absent']) {
      await askHub(hub, { method: 'PUT', path: `/devices/${deviceId}`, body: JSON.stringify({ deviceId }) })
    }
    const silent = await openMethodDevice(hub, 'asked', await keyOf(hub, 'asked'))
    const body = JSON.stringify({
      jobId: 'j',
      type: 'scheduleDeviceMethod',
      cloudToDeviceMethod: { methodName: 'reboot', payload: null, responseTimeoutInSeconds: 30 },
      queryCondition: '*',
      startTime: null,
      maxExecutionTimeInSeconds: 600,
    })
    await askHub(hub, { method: 'PUT', path: '/jobs/v2/j', body })
    await silent.nextMethod()
    await kill(hub)
    const next = await start()
    const asked = await openMethodDevice(next, 'asked', await keyOf(next, 'asked'))
    const absent = await openMethodDevice(next, 'absent', await keyOf(next, 'absent'))
    absent.answer(await absent.nextMethod(), 200)
    await expect
      .poll(
        async () => JSON.parse((await askHub(next, { method: 'GET', path: '/jobs/v2/j' })).body) as unknown,
      )
      .toMatchObject({ status: 'completed', deviceJobStatistics: { succeededCount: 1, failedCount: 1 } })
    expect(asked.methodCount()).toBe(0)
    for (const device of [asked, absent]) device.close()
    await next.stop()
  })
})
