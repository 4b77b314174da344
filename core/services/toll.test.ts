import { describe, expect, test } from 'vitest'
import type { HubTier } from '../../contract/app/hub.ts'
import type { ActionKind, ActionParameters } from '../../contract/app/parameters.ts'
import { estimate } from '../domain/estimate.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { agentReport } from '../testing/fakes.ts'
import { Scene } from '../testing/scene.ts'
import { hubPace } from './hub-pace.ts'
import { Pacer } from './pacer.ts'
import { Toll } from './toll.ts'

const S1: HubTier = { sku: 'S1', units: 1 }

describe('a toll', () => {
  const open = () => {
    const clock = new FakeClock()
    const quick = new Pacer({ perSecond: 40, burst: 1 }, clock)
    const slow = new Pacer({ perSecond: 10, burst: 1 }, clock)
    return { clock, quick, slow }
  }

  test('is as slow as the slowest of its meters', async () => {
    const { clock, quick, slow } = open()
    const toll = new Toll([
      { pacer: quick, cost: 1 },
      { pacer: slow, cost: 2 },
    ])
    const startedAt = clock.now().getTime()
    for (let turn = 0; turn < 11; turn += 1) {
      if (toll.waitMs > 0) await clock.wait(toll.waitMs)
      toll.spend()
    }
    expect(clock.now().getTime() - startedAt).toBe(2_000)
  })

  test('takes nothing from a meter that it does not need, and does not wait for it', () => {
    const { quick, slow } = open()
    const toll = new Toll([
      { pacer: quick, cost: 1 },
      { pacer: slow, cost: 0 },
    ])
    slow.pause(60_000)
    expect([toll.waitMs, toll.pausedUntil]).toEqual([0, undefined])
    toll.spend()
    expect(toll.waitMs).toBe(25)
  })

  test('tells the longest of the pauses that the hub has asked for', () => {
    const { clock, quick, slow } = open()
    const toll = new Toll([
      { pacer: quick, cost: 1 },
      { pacer: slow, cost: 1 },
    ])
    quick.pause(1_000)
    slow.pause(5_000)
    expect(toll.pausedUntil).toBe(clock.now().getTime() + 5_000)
  })

  test('is shared by all actions of a hub: what one sends away the other leaves room for', () => {
    const pace = hubPace(S1, new FakeClock())
    const updates = new Toll([{ pacer: pace.updates, cost: 8 }])
    while (updates.waitMs === 0) updates.spend()
    expect(new Toll([{ pacer: pace.updates, cost: 1 }]).waitMs).toBeGreaterThan(0)
  })
})

describe('an action sends no faster than the hub takes what follows', () => {
  const release = {
    ...{ fwVersion: '9.0.0', sha256: 'a'.repeat(64), size: 1_000, keyId: 'b'.repeat(32) },
    ...{ signature: `${'c'.repeat(86)}==`, manifest: '{"format":"drover-firmware/1"}' },
  }
  const firmware: ActionParameters = {
    ...{ kind: 'firmwareUpdate', fwVersion: '9.0.0', fwPackageUri: 'https://example.com/9.0.bin' },
    release: JSON.stringify(release),
  }
  const cases: [ActionKind, HubTier, ActionParameters][] = [
    ['reboot', S1, { kind: 'reboot' }],
    ['reboot', { sku: 'S2', units: 10 }, { kind: 'reboot' }],
    ['reboot', { sku: 'S1', units: 10 }, { kind: 'reboot' }],
    ['firmwareUpdate', S1, firmware],
    ['firmwareUpdate', { sku: 'S3', units: 1 }, firmware],
    ['method', S1, { kind: 'method', methodName: 'blink', payload: '', responseTimeoutMs: 5_000 }],
  ]

  test.each(cases)('%s on %j goes at the pace of its estimate', async (kind, tier, parameters) => {
    const devices = 400
    const scene = new Scene()
    const names = Array.from({ length: devices }, (_, index) => `pump-${index}`)
    const answer = () => ({ status: 403, payload: null })
    for (const name of names) scene.hub.add(name, { reported: agentReport(), answer })
    await scene.open()
    await scene.configure({ tier })
    await scene.readFleet()
    const times: number[] = []
    scene.hub.onCall = () => times.push(scene.clock.now().getTime())
    await scene.act(parameters, ...names)
    await scene.end()
    const asked = {
      kind,
      tier,
      devices,
      engine: 'methods',
      policy: undefined,
      foreign: 0,
      blocks: 1,
    } as const
    const { durationMs } = estimate(asked)
    const tookMs = (times.at(-1) ?? 0) - (times[0] ?? 0)
    expect(times).toHaveLength(devices)
    // What may go at once after a rest is a quarter of a second's worth.
    expect(tookMs).toBeGreaterThanOrEqual(durationMs - 2_000)
    expect(tookMs).toBeLessThanOrEqual(durationMs * 1.02 + 100)
  })
})
