import { connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { PortUnavailable } from './listen.ts'
import { LocalHub } from './local-hub.ts'

describe('LocalHub', () => {
  test('takes free ports on loopback and gives them back', async () => {
    const hub = await LocalHub.start()
    await hub.stop()
    const again = await LocalHub.start({ httpsPort: hub.httpsPort, mqttsPort: hub.mqttsPort })
    expect([again.httpsPort, again.mqttsPort]).toEqual([hub.httpsPort, hub.mqttsPort])
    await again.stop()
  })

  test('refuses a port in use by number, and leaves no other port open', async () => {
    const hub = await LocalHub.start()
    const attempt = LocalHub.start({ mqttsPort: hub.mqttsPort })
    await expect(attempt).rejects.toThrow(PortUnavailable)
    await expect(attempt).rejects.toThrow(`Port ${hub.mqttsPort} on 127.0.0.1 is already in use.`)
    await hub.stop()
  })

  test('refuses a host name of a real hub', async () => {
    await expect(LocalHub.start({ hostName: 'contoso.azure-devices.net' })).rejects.toThrow(RangeError)
  })

  test('refuses a tier that nobody can buy, and faults with a mistake by its place', async () => {
    await expect(LocalHub.start({ tier: { name: 'F1', units: 2 } })).rejects.toThrow(RangeError)
    const faults = { rules: [{ effect: { kind: 'status', status: 200 } as const }] }
    await expect(LocalHub.start({ faults })).rejects.toThrow('rules[0].effect.status')
  })

  test('createDevice answers a connection string that reaches the loopback port', async () => {
    const hub = await LocalHub.start({ hostName: 'fleet.example' })
    const connectionString = await hub.createDevice('pump', { tags: { kind: 'pump' } })
    expect(connectionString).toMatch(
      new RegExp(
        `^HostName=fleet\\.example;DeviceId=pump;SharedAccessKey=.{44};GatewayHostName=localhost:${hub.mqttsPort}$`,
      ),
    )
    expect(hub.deviceConnectionString('pump')).toBe(connectionString)
    expect(await hub.createDevice('pump')).toBe(connectionString)
    await expect(hub.createDevice('fan', { tags: { 'a.b': 1 } })).rejects.toThrow(/name/)
    await hub.stop()
  })

  test('stops although a stranger holds a connection and says nothing', async () => {
    const hub = await LocalHub.start()
    const strangers = [hub.httpsPort, hub.mqttsPort].map((port) => connect(port, '127.0.0.1'))
    for (const stranger of strangers) stranger.on('error', () => undefined)
    await Promise.all(strangers.map((stranger) => once(stranger, 'connect')))
    await hub.stop()
  })
})
