import { beforeEach, describe, expect, test } from 'vitest'
import { CampaignFile } from '../../contract/app/campaign-file.ts'
import type { JsonObject } from '../domain/json.ts'
import { rehearsalDevices, rehearsalScenario } from '../domain/rehearsal.ts'
import { FakeDesktop } from '../testing/fake-desktop.ts'
import { agentReport } from '../testing/fakes.ts'
import { actionId, deviceIds, never, plainPolicy, Scene } from '../testing/scene.ts'
import { CampaignService } from './campaign-service.ts'
import { localHubId } from './hub-service.ts'

const campaign: CampaignFile = {
  format: 'drover-campaign',
  version: 1,
  name: 'Night: reboot/all',
  parameters: { kind: 'reboot' },
  engine: 'methods',
  deadlineMs: 60_000,
  policy: { ...plainPolicy, waves: [{ unit: 'devices', count: 1 }] },
  deviceIds: deviceIds('pump-1', 'pump-2'),
}

let scene: Scene
let desktop: FakeDesktop
let campaigns: CampaignService
beforeEach(async () => {
  scene = new Scene()
  desktop = new FakeDesktop()
  for (const name of ['pump-1', 'pump-2']) scene.addWilling(name)
  await scene.open()
  await scene.readFleet()
  const { store, actions, hubs, fleet } = scene.desk
  campaigns = new CampaignService({ store, actions, hubs, fleet, desktop, clock: scene.clock })
})

describe('a campaign as a file', () => {
  test('comes back as it was saved, under a name that every system takes', async () => {
    expect(await campaigns.save(campaign)).toEqual({ isSaved: true, fileName: 'Night reboot all.json' })
    const [text = ''] = desktop.saved.values()
    desktop.toOpen = { name: 'x.json', text }
    expect(await campaigns.open()).toEqual({ campaign })
  })

  test('is not saved, nor opened, where the person changes their mind', async () => {
    desktop.savesFiles = false
    expect(await campaigns.save(campaign)).toEqual({ isSaved: false })
    expect(await campaigns.open()).toEqual({})
  })

  test.each([
    ['{', /^Line 1 of x\.json: this is not JSON/],
    ['{}', /^Line 1 of x\.json: format is missing/],
    [
      JSON.stringify({ ...campaign, deadlineMs: 'soon' }, undefined, 2),
      /^Line 9 of x\.json: deadlineMs has to be of type number/,
    ],
    [
      JSON.stringify({ ...campaign, policy: { ...campaign.policy, waves: [{ unit: 'x' }] } }),
      /policy\.waves\.0\.unit has to be "devices" \/ "percent"/,
    ],
    [JSON.stringify({ ...campaign, secret: 'x' }), /secret is not known here/],
    [
      JSON.stringify({ ...campaign, policy: { ...campaign.policy, abrot: {} } }, undefined, 2),
      /^Line \d+ of x\.json: policy\.abrot is not known here/,
    ],
    [
      JSON.stringify({
        ...campaign,
        policy: { ...campaign.policy, waves: [{ unit: 'devices', count: 1, of: 2 }] },
      }),
      /policy\.waves\.0\.of is not known here/,
    ],
  ])('that is none is refused, and the place is named: %s', async (text, place) => {
    desktop.toOpen = { name: 'x.json', text }
    await expect(campaigns.open()).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(place) as string,
    })
  })

  test('is made of an action, to be run again', async () => {
    await scene.begin({ name: campaign.name, policy: campaign.policy, deviceIds: campaign.deviceIds })
    const cloned = campaigns.ofAction(actionId)
    expect(CampaignFile.parse(cloned)).toEqual(campaign)
  })

  test('is a command for the hub that it is meant for', () => {
    expect(campaigns.commandLine(campaign, localHubId).commands).toContain("--hub-name='on this machine'")
  })
})

test('a patch that would end early and begin something else is no command', () => {
  const parameters = { kind: 'desired' as const, patch: '{}},"tags":{"owner":"me"' }
  expect(() => campaigns.commandLine({ ...campaign, parameters }, localHubId)).toThrow('This is not JSON')
})

describe('a rehearsal', () => {
  test('asks the local hub for as many devices, of which a share misbehaves', () => {
    const { groups } = rehearsalScenario(campaign, 0.3) as unknown as {
      groups: [{ count: number; faults: Record<string, number> }]
    }
    expect(groups[0].count).toBe(2)
    const faulty = Object.values(groups[0].faults).reduce((sum, share) => sum + share, 0)
    expect(faulty).toBeCloseTo(0.3)
    const firmware = { kind: 'firmwareUpdate' as const, fwVersion: '2', fwPackageUri: 'https://x' }
    expect(JSON.stringify(rehearsalScenario({ ...campaign, parameters: firmware }, 1))).toContain('rollsBack')
  })

  test('runs the campaign over them, without its night and its long soaks', async () => {
    let scenario: JsonObject | undefined
    const { hubs, actions, store, fleet } = scene.desk
    const rehearseOn = hubs.rehearseOn.bind(hubs)
    hubs.rehearseOn = (told) => {
      scenario = told
      for (const deviceId of rehearsalDevices(campaign)) scene.hub.add(deviceId, { reported: agentReport() })
      return rehearseOn(told)
    }
    const window = {
      ...{ from: '22:00', to: '23:00', days: [1], timeZoneTag: 'zone', timeZone: 'UTC' },
    }
    const gate = { soakMs: 86_400_000, needsApproval: false }
    const policy = { ...plainPolicy, window, gate }
    campaigns = new CampaignService({ store, actions, hubs, fleet, desktop, clock: scene.clock })
    const { hubId, actionId: id } = await campaigns.rehearse({ ...campaign, policy }, 0, never)
    expect(hubs.profile(hubId)).toMatchObject({ isRehearsal: true })
    expect(store.get(id).started.hubId).toBe(hubId)
    expect(scenario).toMatchObject({ groups: [{ count: 2, namePrefix: 'rehearsal-' }] })
    expect(store.get(id).started).toMatchObject({
      deviceIds: ['rehearsal-0001', 'rehearsal-0002'],
      policy: { gate: { soakMs: 10_000 } },
    })
    expect(store.get(id).started.policy?.window).toBeUndefined()
  })

  test('that a person gives up while its devices connect is no action, and has no hub any more', async () => {
    const { hubs, store } = scene.desk
    const leaving = new AbortController()
    const rehearsing = campaigns.rehearse(campaign, 0, leaving.signal)
    await expect.poll(() => hubs.rehearsal).toBeDefined()
    leaving.abort()
    await expect(rehearsing).rejects.toBeDefined()
    expect(hubs.rehearsal).toBeUndefined()
    expect(store.summaries()).toEqual([])
  })
})
