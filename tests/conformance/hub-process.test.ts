import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { forkHub, nextMessage, startHubProcess } from './support/hub-process.ts'
import { openService, rowsOf } from './support/service.ts'
import { localAgent, localOnly, localTitle } from './support/target.ts'

describe.skipIf(localOnly)(localTitle('the hub as a process', 'ownHub'), () => {
  test('answers ready with everything a client needs', async () => {
    const hub = await startHubProcess({ hostName: 'my-hub.example' })
    expect(hub.hostName).toBe('my-hub.example')
    expect(hub.caCertificate).toContain('BEGIN CERTIFICATE')
    expect(hub.connectionString).toMatch(
      /^HostName=my-hub\.example;SharedAccessKeyName=iothubowner;SharedAccessKey=.{44}$/,
    )
    expect(Math.min(hub.httpsPort, hub.mqttsPort)).toBeGreaterThan(0)
    await hub.stop()
    expect(hub.child.exitCode).toBe(0)
  })

  test('is ready only when the devices of its fleet are registered', async () => {
    const hub = await startHubProcess({ fleet: { name: 'demo' } })
    const agent = localAgent(hub)
    const service = openService(hub.connectionString, agent)
    const { responseBody: counts } = await service.registry.getRegistryStatistics()
    expect(counts.totalDeviceCount).toBeGreaterThanOrEqual(25)
    const connected = "SELECT COUNT() AS n FROM devices WHERE connectionState = 'Connected'"
    await eventually(
      () => rowsOf(service, connected),
      ([row]) => Number(row?.['n']) >= 20,
    )
    agent.destroy()
    await hub.stop()
    expect(hub.child.exitCode).toBe(0)
  })

  test('two hubs share no key', async () => {
    const hubs = await Promise.all([startHubProcess(), startHubProcess()])
    expect(new Set(hubs.map(({ connectionString }) => connectionString)).size).toBe(2)
    expect(new Set(hubs.map(({ caCertificate }) => caCertificate)).size).toBe(2)
    await Promise.all(hubs.map((hub) => hub.stop()))
  })

  test('exits when the channel to its parent closes', async () => {
    const hub = await startHubProcess()
    const exit = once(hub.child, 'exit')
    hub.child.disconnect()
    expect(await exit).toEqual([0, null])
  })

  test('a port in use fails with a message that names it, and a second start can succeed', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as AddressInfo
    const child = forkHub()
    child.send({ type: 'start', options: { mqttsPort: port } })
    expect(await nextMessage(child)).toEqual({
      type: 'failed',
      message: `Port ${port} on 127.0.0.1 is already in use.`,
    })
    child.send({ type: 'start', options: {} })
    expect(await nextMessage(child)).toMatchObject({ type: 'ready' })
    const exit = once(child, 'exit')
    child.send({ type: 'stop' })
    await exit
    blocker.close()
  })

  test.each([
    [{ type: 'start', options: { hostName: 'contoso.azure-devices.net' } }, /azure-devices\.net/],
    [{ type: 'start', options: { httpsPort: -1 } }, /httpsPort/],
    [{ type: 'start', options: { fleet: { name: 'other' } } }, /fleet/],
    [{ type: 'dance' }, /type/],
    ['text', /object/],
  ])('the message %j fails with a reason', async (message, reason) => {
    const child = forkHub()
    child.send(message)
    expect(await nextMessage(child)).toMatchObject({
      type: 'failed',
      message: expect.stringMatching(reason) as string,
    })
    child.disconnect()
    await once(child, 'exit')
  })
})
