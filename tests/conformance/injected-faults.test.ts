import { afterEach, describe, expect, test } from 'vitest'
import type { WrittenFaultPlan } from '../../local-hub/faults/fault-plan.ts'
import { closeDevice, connectDevice, handleMethod } from './support/device.ts'
import type { SdkDevice } from './support/device.ts'
import { askHub, diagnosticsOf } from './support/diagnostics.ts'
import { openLocalHub } from './support/local-hub.ts'
import type { LocalScene } from './support/local-hub.ts'
import { invoke, refusalOf, rowsOf } from './support/service.ts'
import { localOnly, localTitle } from './support/target.ts'

let scene: LocalScene
let device: SdkDevice | undefined

type WrittenRule = WrittenFaultPlan['rules'][number]

async function startWith(...rules: readonly WrittenRule[]): Promise<void> {
  scene = await openLocalHub({ faults: { rules: [...rules] } })
}

afterEach(async () => {
  if (device) await closeDevice(device.client)
  device = undefined
  await scene.close()
})

const list = () => rowsOf(scene.service, 'SELECT * FROM devices')

/** Resolves with the error of the connection. */
async function brokenBy(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return (error as { code?: string }).code
}

describe.skipIf(localOnly)(localTitle('a plan of faults', 'faults'), () => {
  test('a status is answered as often as the rule says, and only where it says', async () => {
    await startWith({ operation: 'query', count: 2, effect: { kind: 'status', status: 503 } })
    expect((await refusalOf(list())).name).toBe('ServiceUnavailableError')
    expect((await scene.service.registry.list()).responseBody).toEqual([])
    expect((await refusalOf(list())).status).toBe(503)
    expect(await list()).toEqual([])
  })

  test('a lost response is one of a method that the device has executed', async () => {
    await startWith({ method: 'reboot', effect: { kind: 'lostResponse' } })
    device = await connectDevice(scene.target, scene.service, 'pump')
    let reboots = 0
    await handleMethod(device.client, 'other', () => ({ status: 200 }))
    await handleMethod(device.client, 'reboot', () => {
      reboots += 1
      return { status: 202 }
    })
    expect(await brokenBy(invoke(scene.service, 'pump', { name: 'reboot' }))).toBe('ECONNRESET')
    expect(reboots).toBe(1)
    expect((await invoke(scene.service, 'pump', { name: 'other' })).status).toBe(200)
  })

  test('a reset breaks the connection before anything is done', async () => {
    await startWith({ operation: 'registry', device: 'pump-*', effect: { kind: 'reset' } })
    const { registry } = scene.service
    expect(await brokenBy(registry.create({ deviceId: 'pump-1' }))).toBe('ECONNRESET')
    await registry.create({ deviceId: 'fan-1' })
    expect((await registry.list()).responseBody.map(({ deviceId }) => deviceId)).toEqual(['fan-1'])
  })

  test('silence lasts until the client hangs up', async () => {
    await startWith({ operation: 'query', effect: { kind: 'silence' } })
    const outcome = Promise.race([list().catch(() => 'ended'), scene.service.registry.list()])
    expect(await outcome).not.toBe('ended')
    const silent = brokenBy(list())
    scene.target.agent.destroy()
    expect(await silent).toBe('ECONNRESET')
  })

  test('a slow answer comes late', async () => {
    await startWith({ operation: 'query', effect: { kind: 'slow', delayMs: 700 } })
    const started = Date.now()
    await list()
    expect(Date.now() - started).toBeGreaterThanOrEqual(690)
  })

  test('a captive portal answers 200 with a page', async () => {
    await startWith({ effect: { kind: 'captivePortal' } })
    const { status, headers, body } = await askHub(scene.local, { method: 'GET', path: '/devices' })
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(body).toContain('<!doctype html>')
  })

  test('a clock that is a day ahead finds every token expired, and shows its time', async () => {
    await startWith({ operation: 'registry', effect: { kind: 'wrongClock', offsetSeconds: 86_400 } })
    const { status, headers } = await askHub(scene.local, { method: 'GET', path: '/devices' })
    expect(status).toBe(401)
    expect(Date.parse(String(headers['date'])) - Date.now()).toBeGreaterThan(86_000_000)
    expect((await refusalOf(scene.service.registry.list())).name).toBe('UnauthorizedError')
    expect(await list()).toEqual([])
  })

  test('is replaced while the hub runs, and can always be taken back', async () => {
    await startWith({ effect: { kind: 'reset' } })
    expect(await brokenBy(list())).toBe('ECONNRESET')
    const { faults } = await diagnosticsOf(scene.local)
    expect(faults).toMatchObject([{ hits: 1, rule: { effect: { kind: 'reset' } } }])
    const put = (plan: object) =>
      askHub(scene.local, { method: 'PUT', path: '/$drover/faults', body: JSON.stringify(plan) })
    const refused = await put({ rules: [{ effect: { kind: 'explode' } }] })
    expect([refused.status, refused.body]).toEqual([400, expect.stringContaining('rules[0].effect.kind')])
    expect(await brokenBy(list())).toBe('ECONNRESET')
    expect((await put({ rules: [] })).status).toBe(200)
    expect(await list()).toEqual([])
  })

  test('is for those who have ServiceConnect', async () => {
    await startWith()
    const readOnly = { ...scene.local, connectionString: scene.local.connectionStrings.registryRead }
    const answer = await askHub(readOnly, { method: 'PUT', path: '/$drover/faults', body: '{"rules":[]}' })
    expect(answer.status).toBe(403)
  })
})
