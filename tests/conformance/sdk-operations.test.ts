import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Client, JobClient, Registry } from 'azure-iothub'
import { connectDevice, handleMethod } from './support/device.ts'
import { implemented, overAmqp, refused, silent } from './support/operations.ts'
import type { Scene } from './support/operations.ts'
import { openService, refusalOf } from './support/service.ts'
import type { Service } from './support/service.ts'
import { localOnly, localTitle, openTarget } from './support/target.ts'
import type { Target } from './support/target.ts'

let target: Target
let service: Service
let scene: Scene

beforeAll(async () => {
  target = await openTarget()
  service = openService(target.connectionString, target.agent)
})

afterAll(() => target.close())

beforeEach(async () => {
  const device = await connectDevice(target, service, `${target.prefix}operations`)
  await handleMethod(device.client, 'echo', (payload) => ({ status: 200, payload }))
  scene = { service, device, freshId: `${target.prefix}fresh` }
})

afterEach(async () => {
  await scene.device.close()
  await service.registry.delete(scene.device.deviceId)
  // Some operations leave it, some do not.
  await service.registry.delete(scene.freshId).catch(() => undefined)
})

test.each(Object.entries(implemented))('%s', async (_name, run) => {
  await run(scene)
})

describe.skipIf(localOnly)(
  localTitle('refused by name, never answered with an empty success', 'ownChoice'),
  () => {
    test.each(Object.entries(refused))('%s', async (_name, run) => {
      const refusal = await refusalOf(run(scene))
      expect(refusal.status).toBe(501)
      expect(refusal.body).toContain('The local hub does not implement')
    })
  },
)

test('every operation of the service SDK is in one of the lists', () => {
  const known = [...Object.keys(implemented), ...Object.keys(refused), ...overAmqp, ...silent]
  const operations = Object.entries({ Registry, Client, JobClient }).flatMap(([name, { prototype }]) =>
    Object.getOwnPropertyNames(prototype)
      .filter((method) => method !== 'constructor' && !method.startsWith('_'))
      .map((method) => `${name}.${method}`),
  )
  expect(operations.filter((operation) => !known.includes(operation))).toEqual([])
  expect(operations.length).toBeGreaterThan(35)
})
