import { beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { canary, CampaignScene, fleet, holding } from '../testing/campaign-scene.ts'
import { agentReport } from '../testing/fakes.ts'

let scene: CampaignScene
beforeEach(() => {
  scene = new CampaignScene()
})

describe('devices that are offline', () => {
  const offline = (name: string): void => {
    scene.hub.add(name, {
      ...{ reported: agentReport(), connectionState: 'Disconnected' },
      answer: () => new AppError('device-offline', 'x'),
    })
  }
  const inAnHour = (): string => new Date(scene.clock.now().getTime() + 3_600_000).toISOString()

  test('are left out where the policy says so, with the reason', async () => {
    offline('pump-1')
    await scene.openWith(['pump-0'])
    await scene.campaign({ offline: { mode: 'skip' } }, 'pump-0', 'pump-1')
    expect(await scene.end()).toMatchObject({ counts: { succeeded: 1, cancelled: 1 } })
    expect((await scene.targets()).get('pump-1')).toMatchObject({ reason: { code: 'offline' } })
  })

  test('have failed where the policy says so', async () => {
    offline('pump-1')
    await scene.openWith(['pump-0'])
    await scene.campaign({ offline: { mode: 'fail' } }, 'pump-0', 'pump-1')
    expect(await scene.end()).toMatchObject({ counts: { succeeded: 1, failed: 1 } })
  })

  test('are waited for, and asked when they are back', async () => {
    offline('pump-1')
    await scene.openWith(['pump-0'])
    await scene.campaign({ offline: { mode: 'wait', deliverBy: inAnHour() } }, 'pump-0', 'pump-1')
    const { hold } = await scene.summaryWhen(holding('offline'))
    expect(hold).toMatchObject({ devices: 1 })
    expect(scene.asked).toEqual(['pump-0'])

    scene.addWilling('pump-1')
    expect(await scene.end()).toMatchObject({ status: 'succeeded', counts: { succeeded: 2 } })
  })

  test('are never asked after the time is over', async () => {
    offline('pump-1')
    await scene.openWith([])
    const deliverBy = inAnHour()
    await scene.campaign({ offline: { mode: 'wait', deliverBy } }, 'pump-1')
    await scene.end()
    const target = (await scene.targets()).get('pump-1')
    expect(target).toMatchObject({ status: 'failed', reason: { code: 'not-delivered' } })
    expect(Date.parse(target?.changedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(deliverBy))
    expect(scene.asked).toEqual([])
  })

  test('are looked at again before they are asked: one that was disabled meanwhile is not', async () => {
    offline('pump-1')
    await scene.openWith([])
    await scene.campaign({ offline: { mode: 'wait', deliverBy: inAnHour() } }, 'pump-1')
    await scene.summaryWhen(holding('offline'))
    scene.hub.add('pump-1', { reported: agentReport(), status: 'disabled' })
    await scene.end()
    expect((await scene.targets()).get('pump-1')).toMatchObject({ reason: { code: 'disabled' } })
    expect(scene.asked).toEqual([])
  })

  test('hold up no wave: the others go on', async () => {
    offline('pump-0')
    await scene.openWith(fleet(6).slice(1))
    await scene.campaign({ waves: canary, offline: { mode: 'wait', deliverBy: inAnHour() } }, ...fleet(6))
    const { counts } = await scene.summaryWhen(holding('offline'))
    expect(counts.succeeded).toBe(5)
  })

  test('cannot be waited for until a time that is over', async () => {
    await scene.openWith(fleet(1))
    const deliverBy = new Date(scene.clock.now().getTime() - 1).toISOString()
    await expect(scene.campaign({ offline: { mode: 'wait', deliverBy } }, ...fleet(1))).rejects.toMatchObject(
      { field: 'policy' },
    )
  })
})

describe("the maintenance window on the device's own clock", () => {
  // The clock of a scene begins on Monday at 10:00 UTC.
  const window = {
    ...{ from: '20:00', to: '22:00', days: [0, 1, 2, 3, 4, 5, 6] },
    ...{ timeZoneTag: 'site.timeZone', timeZone: 'UTC' },
  }

  test('opens for each zone at its own time, and the hold says when the next one does', async () => {
    await scene.openWith(['tokyo', 'utc', 'hostile'])
    const [tokyo, hostile] = [scene.hub.devices.get('tokyo'), scene.hub.devices.get('hostile')]
    scene.hub.add('tokyo', { ...tokyo, tags: { site: { timeZone: 'Asia/Tokyo' } } })
    scene.hub.add('hostile', { ...hostile, tags: { site: { timeZone: 'x'.repeat(500) } } })
    const times = new Map<string, string>()
    scene.hub.onCall = ({ deviceId }) => times.set(deviceId, scene.clock.now().toISOString())
    await scene.campaign({ window }, 'tokyo', 'utc', 'hostile')
    const { hold } = await scene.summaryWhen(holding('window'))
    expect(hold).toEqual({ kind: 'window', opensAt: '2026-11-23T11:00:00.000Z', devices: 3, zones: 2 })
    await scene.end()
    expect(times.get('tokyo')).toBe('2026-11-23T11:00:00.000Z')
    expect(times.get('utc')?.slice(0, 16)).toBe('2026-11-23T20:00')
    expect(times.get('hostile')?.slice(0, 16)).toBe('2026-11-23T20:00')
  })

  test('closes on those who were not asked in time, and opens for them on the next day', async () => {
    await scene.openWith(fleet(200))
    const days = new Map<string, number>()
    scene.hub.onCall = () => {
      const day = scene.clock.now().toISOString().slice(0, 10)
      days.set(day, (days.get(day) ?? 0) + 1)
    }
    await scene.campaign({ window, mostPerMinute: 1 }, ...fleet(200))
    await scene.end()
    expect([...days]).toEqual([
      ['2026-11-23', 120],
      ['2026-11-24', 80],
    ])
  })

  test('of a zone that does not exist is refused', async () => {
    await scene.openWith(fleet(1))
    await expect(
      scene.campaign({ window: { ...window, timeZone: 'Europe/Atlantis' } }, ...fleet(1)),
    ).rejects.toMatchObject({ field: 'policy' })
  })
})
