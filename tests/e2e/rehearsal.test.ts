import { afterAll, beforeAll, expect, test } from 'vitest'
import { CampaignDesk } from './support/campaign-desk.ts'
import { Desk } from './support/desk.ts'
import { launchApp, type LaunchedApp } from './support/launch-app.ts'

let app: LaunchedApp
let desk: Desk
let campaigns: CampaignDesk

beforeAll(async () => {
  app = await launchApp()
  desk = new Desk(app.page)
  campaigns = new CampaignDesk(desk)
  await desk.online(24)
})

afterAll(() => app.close())

/** How many devices the activity counts under that word. */
async function counted(word: string): Promise<number> {
  const chips = await app.page.getByText(new RegExp(`^${word} \\d+$`)).allInnerTexts()
  return Number(chips[0]?.split(' ').at(-1) ?? 0)
}

test('a campaign is rehearsed on a hub of its own, where a fifth of the devices misbehave, and is told the truth', async () => {
  await desk.reveal('pump-0001')
  await desk.row('pump-0001').locator('.col-deviceId').click()
  await app.page.keyboard.press('ControlOrMeta+a')
  await desk.askFor(/^Reboot/, 'pump-0001')
  await campaigns.chooseInFileMenu('20% of the devices misbehave')
  await desk.dialog.waitFor({ state: 'hidden', timeout: 60_000 })

  expect(await app.page.getByRole('button', { name: 'Hub: Rehearsal' }).isVisible()).toBe(true)
  // Of 25 devices five misbehave: who is offline or refuses is found out at once, who lies or never returns is not.
  await expect.poll(() => counted('Succeeded'), { timeout: 60_000 }).toBeGreaterThanOrEqual(20)
  expect(await counted('Failed')).toBeGreaterThanOrEqual(1)
  await expect.poll(() => counted('Unknown')).toBeGreaterThanOrEqual(1)
  expect(await desk.outcomeOf('rehearsal-0001')).toMatchObject({ status: 'succeeded' })

  // The devices that it was rehearsed for were asked nothing.
  await campaigns.show('Fleet')
  await desk.chooseHub('Local hub')
  await desk.reveal('pump-0001')
  expect(await desk.row('pump-0001').innerText()).not.toContain('Rebooted')
})
