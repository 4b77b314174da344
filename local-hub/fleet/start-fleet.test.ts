import { expect, test } from 'vitest'
import { demoFleet } from './demo-fleet.ts'
import type { FleetHub } from './fleet-hub.ts'
import { startFleet } from './start-fleet.ts'

/** A hub that registers devices and listens nowhere. */
function deafHub(): FleetHub & { readonly registered: Map<string, unknown> } {
  const registered = new Map<string, unknown>()
  return {
    caCertificate: '',
    registered,
    createDevice(deviceId, options) {
      registered.set(deviceId, options?.tags)
      const key = Buffer.from('no real key').toString('base64')
      return Promise.resolve(
        `HostName=hub.example;DeviceId=${deviceId};SharedAccessKey=${key};GatewayHostName=localhost:1`,
      )
    },
  }
}

test('every device is registered with its tags before anything else', async () => {
  const hub = deafHub()
  const fleet = await startFleet(hub, { name: 'demo' })
  expect([...hub.registered]).toEqual(demoFleet.map(({ deviceId, tags }) => [deviceId, tags]))
  await fleet.stop()
})

test('devices that cannot reach their hub keep trying, and end when the fleet is stopped', async () => {
  const waiting = new Set<unknown>()
  const problems: string[] = []
  const allTried = Promise.withResolvers<undefined>()
  const fleet = await startFleet(
    deafHub(),
    { name: 'demo' },
    {
      log(event, fields) {
        if (event === 'disconnected') waiting.add(fields?.['device'])
        if (event === 'device-crashed') problems.push(JSON.stringify(fields))
        if (waiting.size === 24) allTried.resolve(undefined)
      },
    },
  )
  await allTried.promise
  await fleet.stop()
  expect(waiting).not.toContain('camera-0001')
  expect(problems).toEqual([])
})

test('a hub that refuses to register a device is an error', async () => {
  const hub = { ...deafHub(), createDevice: () => Promise.reject(new Error('quota')) }
  await expect(startFleet(hub, { name: 'demo' })).rejects.toThrow('quota')
})
